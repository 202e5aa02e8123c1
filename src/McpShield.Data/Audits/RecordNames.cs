using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using McpShield.Audit;

namespace McpShield.Data.Audits;

/// <summary>A combination of names that entries share; see <see cref="AuditNameRow"/>.</summary>
internal sealed record SharedNames(string Facet)
{
    public bool IsRest { get; init; }

    public string? Tool { get; init; }

    public string? Action { get; init; }

    public string? Agent { get; init; }

    public string? KeyId { get; init; }

    public string? Source { get; init; }

    public string? Actor { get; init; }

    public string? Reason { get; init; }

    public string? Rule { get; init; }

    public string? Message { get; init; }

    /// <summary>What stands for names like these when a project has too many of them. What comes from closed lists stays.</summary>
    public SharedNames Rest => new(Facet) { IsRest = true, Source = Source, Actor = Actor, Reason = Reason };

    /// <summary>What a text is searched in: tool, rule, agent, action, reason and message.</summary>
    public string Folded => Fold(string.Join('\n', new[] { Tool, Action, Agent, Reason, Rule, Message }.Where(static part => part is not null)));

    public byte[] Digest => SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\0', Facet, IsRest ? "rest" : "", Tool, Action, Agent, KeyId, Source, Actor, Reason, Rule, Message)));

    public static string Fold(string text) => text.ToLowerInvariant();

    public static SharedNames What(RecordColumns columns) => new("what") { Tool = columns.Tool, Action = columns.Action };

    public static SharedNames Who(RecordColumns columns) => new("who") { Agent = columns.Agent, KeyId = columns.KeyId, Source = columns.Source, Actor = columns.Actor };

    public static SharedNames Why(RecordColumns columns, AuditRecord record) =>
        new("why") { Reason = columns.Reason, Rule = columns.Rule, Message = RecordColumns.Text((record as DecisionRecord)?.Decision.Message) };
}

/// <summary>What a record refers to; all <c>null</c> of records that are no entries.</summary>
internal readonly record struct RecordReferences(long? Scope, long? What, long? Who, long? Why);

/// <summary>Finds or adds the scopes and names that a batch refers to, before its transaction begins: a name nobody refers to is harmless.</summary>
internal sealed class RecordNames(Func<Guid, object> id)
{
    // THREAT: agents make up tools and reporters make up rules; beyond so many, searching by name finds only the rest.
    internal const int MostNames = 5_000;
    private const int MostRemembered = 50_000;

    private readonly Dictionary<(Guid Organization, Guid Project), long> scopes = [];
    private readonly Dictionary<(long Scope, SharedNames Names), long> names = [];
    private readonly HashSet<(long Scope, string Facet)> full = [];

    public async ValueTask<RecordReferences> FindAsync(DbConnection connection, RecordColumns columns, AuditRecord? record)
    {
        if (!columns.IsEntry) return default;
        var scope = await ScopeAsync(connection, (columns.OrganizationId ?? Guid.Empty, columns.ProjectId ?? Guid.Empty));
        return new(
            scope,
            await NameAsync(connection, scope, SharedNames.What(columns)),
            await NameAsync(connection, scope, SharedNames.Who(columns)),
            await NameAsync(connection, scope, SharedNames.Why(columns, record!)));
    }

    private async ValueTask<long> ScopeAsync(DbConnection connection, (Guid Organization, Guid Project) of)
    {
        if (scopes.TryGetValue(of, out var known)) return known;
        if (scopes.Count >= MostRemembered) scopes.Clear();
        const string Select = "SELECT scope_id FROM audit_scopes WHERE organization_id = @organization AND project_id = @project";
        const string Insert =
            "INSERT INTO audit_scopes (organization_id, project_id, erased_before_us, erased_until_us) VALUES (@organization, @project, 0, 0) ON CONFLICT DO NOTHING";
        (string, object?)[] parameters = [("organization", id(of.Organization)), ("project", id(of.Project))];
        if (await connection.ReadScalarAsync(Select, parameters) is not long found)
        {
            await connection.RunAsync(Insert, parameters);
            found = (long)(await connection.ReadScalarAsync(Select, parameters))!;
        }

        return scopes[of] = found;
    }

    private async ValueTask<long> NameAsync(DbConnection connection, long scope, SharedNames wanted)
    {
        if (names.TryGetValue((scope, wanted), out var known)) return known;
        if (names.Count >= MostRemembered) names.Clear();
        if (!full.Contains((scope, wanted.Facet)))
        {
            if (await FindOrAddAsync(connection, scope, wanted, MostNames) is { } found) return names[(scope, wanted)] = found;
            full.Add((scope, wanted.Facet));
        }

        if (names.TryGetValue((scope, wanted.Rest), out known)) return known;
        return names[(scope, wanted.Rest)] = (await FindOrAddAsync(connection, scope, wanted.Rest, int.MaxValue))!.Value;
    }

    private static async Task<long?> FindOrAddAsync(DbConnection connection, long scope, SharedNames wanted, int most)
    {
        const string Select = "SELECT name_id FROM audit_names WHERE scope_id = @scope AND digest = @digest";
        const string Insert =
            """
            INSERT INTO audit_names (scope_id, facet, digest, is_rest, tool, action, agent, key_id, source, actor, reason, rule, folded)
            SELECT @scope, @facet, @digest, @is_rest, @tool, @action, @agent, @key_id, @source, @actor, @reason, @rule, @folded
            WHERE (SELECT count(*) FROM audit_names WHERE scope_id = @scope AND facet = @facet) < @most
            ON CONFLICT DO NOTHING
            """;
        (string, object?)[] at = [("scope", scope), ("digest", wanted.Digest)];
        if (await connection.ReadScalarAsync(Select, at) is long found) return found;
        await connection.RunAsync(
            Insert,
            [
                .. at, ("facet", wanted.Facet), ("is_rest", wanted.IsRest), ("tool", wanted.Tool), ("action", wanted.Action), ("agent", wanted.Agent), ("key_id", wanted.KeyId),
                ("source", wanted.Source), ("actor", wanted.Actor), ("reason", wanted.Reason), ("rule", wanted.Rule), ("folded", wanted.Folded), ("most", most),
            ]);
        return await connection.ReadScalarAsync(Select, at) as long?;
    }
}
