using System.Data.Common;

namespace McpShield.Data.Audits;

/// <summary>Which names a query asks for, and where the entries that have them are found.</summary>
/// <param name="Paths">Indexes to walk; none when the query names nothing.</param>
/// <param name="Condition">What must hold of an entry that is found another way.</param>
/// <param name="IsNothing">Whether no entry can fit.</param>
internal sealed record NamedEntries(IReadOnlyList<SearchPath> Paths, string Condition, bool IsNothing);

/// <summary>A query's filters as conditions on rows, and on the names that rows share.</summary>
internal sealed class EntryFilters
{
    private static readonly string[] Facets = ["what", "who", "why"];

    private readonly string? text;
    private readonly (string Facet, string Condition)? narrowest;

    public EntryFilters(AuditQuery query)
    {
        text = string.IsNullOrEmpty(query.Text) ? null : SharedNames.Fold(RecordColumns.Text(query.Text)!);
        var conditions = new List<string>();
        var parameters = new List<(string, object?)>();
        Add("decision", query.Decision);
        Add("tool", RecordColumns.Text(query.Tool));
        Add("rule", RecordColumns.Text(query.Rule));
        Add("key_id", RecordColumns.Text(query.KeyId));
        Add("agent", RecordColumns.Text(query.Agent));
        Add("kind", query.Kind);
        Add("source", query.Source);

        // Repeated as it stands in the index over refusals, which is taken only then.
        if (query.Decision is "deny" or "approve") conditions.Add("r.decision IN ('deny', 'approve')");
        Conditions = string.Concat(conditions.Select(static condition => $" AND {condition}"));
        Parameters = parameters;

        // One name is enough to find entries; whatever else is asked for is checked on them. The most telling one is taken.
        narrowest = query switch
        {
            { Tool: not null } => ("what", "tool = @tool"),
            { Rule: not null } => ("why", "rule = @rule"),
            { KeyId: not null, Agent: not null } => ("who", "key_id = @key_id AND agent = @agent"),
            { KeyId: not null } => ("who", "key_id = @key_id"),
            { Agent: not null } => ("who", "agent = @agent"),
            { Kind: "action" } => ("what", "action IS NOT NULL"),
            { Source: not null } => ("who", "source = @source"),
            _ => null,
        };

        void Add(string column, string? value)
        {
            if (value is null) return;
            conditions.Add($"r.{column} = @{column}");
            parameters.Add((column, value));
        }
    }

    /// <summary>SQL over a record <c>r</c> that begins with AND, or nothing.</summary>
    public string Conditions { get; }

    public IReadOnlyList<(string Name, object? Value)> Parameters { get; }

    public async Task<NamedEntries> FindNamesAsync(DbConnection connection, IReadOnlyList<SearchKey> scopes, CancellationToken ct)
    {
        IReadOnlyList<SearchPath> paths = [];
        if (narrowest is var (facet, condition))
        {
            // What stands for the names beyond the most of a project may hide the wanted one; the row's own column decides.
            var keys = await ReadAsync(connection, scopes, $"facet = '{facet}' AND (is_rest OR {condition})", Parameters, ct);
            paths = [new($"{facet}_id", keys[facet])];
            if (paths[0].Keys.Count == 0) return new([], "", IsNothing: true);
        }

        if (text is null) return new(paths, "", IsNothing: false);
        // The databases' own comparison without case knows other letters each; the folded text is the same everywhere.
        var contains = connection is Npgsql.NpgsqlConnection ? "position(@text IN folded) > 0" : "instr(folded, @text) > 0";
        var found = await ReadAsync(connection, scopes, contains, [("text", text)], ct);
        var fitting = Facets.Where(facet => found[facet].Count > 0).ToList();
        if (fitting.Count == 0) return new([], "", IsNothing: true);
        var any = string.Join(" OR ", fitting.Select(facet => $"r.{facet}_id IN ({EntrySearch.List(found[facet].Select(static key => key.Id))})"));
        return new(paths.Count > 0 ? paths : [.. fitting.Select(facet => new SearchPath($"{facet}_id", found[facet]))], $" AND ({any})", IsNothing: false);
    }

    private static async Task<Dictionary<string, List<SearchKey>>> ReadAsync(
        DbConnection connection, IReadOnlyList<SearchKey> scopes, string condition, IReadOnlyList<(string, object?)> parameters, CancellationToken ct)
    {
        var sql = $"SELECT facet, name_id, scope_id FROM audit_names WHERE scope_id IN ({EntrySearch.List(scopes.Select(static scope => scope.Id))}) AND {condition}";
        var from = scopes.ToDictionary(static scope => scope.Id, static scope => scope.FromUs);
        await using var command = connection.Command(sql, parameters.ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var keys = Facets.ToDictionary(static facet => facet, static _ => new List<SearchKey>());
        while (await reader.ReadAsync(ct)) keys[reader.GetString(0)].Add(new(reader.GetInt64(1), reader.GetInt64(2), from[reader.GetInt64(2)]));
        return keys;
    }
}
