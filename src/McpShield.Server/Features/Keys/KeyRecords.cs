using System.Text.Json.Nodes;
using McpShield.Data.Projects;

namespace McpShield.Server.Features.Keys;

/// <summary>A key as the audit log tells of it: by its prefix, never the key or its digest.</summary>
internal static class KeyRecords
{
    public static JsonObject Of(ApiKey key) => new()
    {
        ["prefix"] = key.KeyPrefix,
        ["name"] = key.Name,
        ["agent"] = key.Agent,
        ["roles"] = new JsonArray([.. key.Roles.Select(static word => (JsonNode)word)]),
        ["scopes"] = new JsonArray([.. key.Scopes.Select(static word => (JsonNode)word)]),
        ["expires_at"] = key.ExpiresAt?.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
    };
}
