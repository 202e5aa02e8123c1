using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>Asks for a new key of a project.</summary>
/// <param name="Name">For recognising it, up to 100 characters.</param>
/// <param name="Agent">The agent that will use it, as policies and audits name it: letters, digits and <c>. _ : @ / -</c>, up to 100; absent: made of the name.</param>
/// <param name="Roles">Roles of the principal, for policies: at most 32, each of <c>a-z 0-9 : _ -</c>, up to 64 characters.</param>
/// <param name="Scopes">Scopes of the principal, for policies; as the roles.</param>
/// <param name="ExpiresAt">When it ends, in the future.</param>
/// <param name="ExpiresInDays">Instead of <paramref name="ExpiresAt"/>: days from now; 0: it does not expire. Neither: as the user's settings say.</param>
public sealed record CreateKeyRequest(
    [property: StringLength(100)] string? Name = null,
    [property: StringLength(100)] string? Agent = null,
    IReadOnlyList<string>? Roles = null,
    IReadOnlyList<string>? Scopes = null,
    DateTimeOffset? ExpiresAt = null,
    [property: Range(0, 3650)] int? ExpiresInDays = null);

/// <summary>Asks for changes of a key; what is absent stays. The key itself never changes.</summary>
/// <param name="Name">Up to 100 characters; empty: no name.</param>
/// <param name="Agent">As for a new key.</param>
/// <param name="Roles">All of them anew.</param>
/// <param name="Scopes">All of them anew.</param>
/// <param name="ExpiresAt">When it ends, in the future.</param>
/// <param name="ExpiresInDays">Instead of <paramref name="ExpiresAt"/>: days from now; 0: it does not expire.</param>
public sealed record UpdateKeyRequest(
    [property: StringLength(100)] string? Name = null,
    [property: StringLength(100)] string? Agent = null,
    IReadOnlyList<string>? Roles = null,
    IReadOnlyList<string>? Scopes = null,
    DateTimeOffset? ExpiresAt = null,
    [property: Range(0, 3650)] int? ExpiresInDays = null);

/// <summary>A key of a project, without the key itself: that was shown once.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="ProjectId">The project that it opens.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Prefix">Its first characters, for recognising it.</param>
/// <param name="Agent">The agent that uses it.</param>
/// <param name="Roles">Roles of the principal.</param>
/// <param name="Scopes">Scopes of the principal.</param>
/// <param name="Status"><c>live</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="ExpiresAt">When it ends; absent: it does not.</param>
/// <param name="LastUsedAt">When it opened last, to within seconds; absent: never.</param>
/// <param name="CreatedBy">The name of whoever made it; absent: the program itself, or somebody who is gone.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was revoked; absent: it was not.</param>
public sealed record KeyResponse(
    Guid Id, Guid ProjectId, string? Name, string Prefix, string Agent, IReadOnlyList<string> Roles, IReadOnlyList<string> Scopes, string Status,
    DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, string? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>A key that was just made: the only answer that ever holds the key.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="ProjectId">The project that it opens.</param>
/// <param name="Key">The key. It is stored nowhere: keep it.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Prefix">Its first characters, for recognising it.</param>
/// <param name="Agent">The agent that uses it.</param>
/// <param name="Roles">Roles of the principal.</param>
/// <param name="Scopes">Scopes of the principal.</param>
/// <param name="ExpiresAt">When it ends; absent: it does not.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ClientEntry">What to paste into a client, the key in it.</param>
public sealed record CreatedKeyResponse(
    Guid Id, Guid ProjectId, string Key, string? Name, string Prefix, string Agent, IReadOnlyList<string> Roles, IReadOnlyList<string> Scopes,
    DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt, ClientEntry ClientEntry);

/// <summary>Ready entries for clients of the Model Context Protocol.</summary>
/// <param name="Url">The MCP endpoint.</param>
/// <param name="ClaudeCode">A command.</param>
/// <param name="Cursor">The text of <c>.cursor/mcp.json</c>.</param>
/// <param name="VsCode">The text of <c>.vscode/mcp.json</c>.</param>
public sealed record ClientEntry(string Url, string ClaudeCode, string Cursor, string VsCode);

/// <summary>The shapes of keys as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(UpdateKeyRequest))]
[JsonSerializable(typeof(KeyResponse))]
[JsonSerializable(typeof(CreatedKeyResponse))]
[JsonSerializable(typeof(Page<KeyResponse>))]
public sealed partial class KeysJson : JsonSerializerContext;
