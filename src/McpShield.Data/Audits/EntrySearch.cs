using System.Globalization;

namespace McpShield.Data.Audits;

/// <summary>Entries with one id in one column, not before a moment.</summary>
internal readonly record struct SearchKey(long Id, long Scope, long FromUs);

/// <summary>A column with an index that ends in the time, and the ids wanted in it.</summary>
internal sealed record SearchPath(string Column, IReadOnlyList<SearchKey> Keys);

/// <summary>One page to find: paths to walk in order of time and to merge, and what else must hold of an entry.</summary>
/// <remarks>
/// Each path is an index of a few bytes that ends in the time, so the first entries of every id are read and no others. The order is
/// a row comparison: written with OR it would read everything before the page.
/// </remarks>
internal sealed record EntrySearch
{
    public required IReadOnlyList<SearchPath> Paths { get; init; }

    /// <summary>SQL that begins with AND, or nothing.</summary>
    public required string Conditions { get; init; }

    public required IReadOnlyList<(string Name, object? Value)> Parameters { get; init; }

    public long ToUs { get; init; } = long.MaxValue;

    public EntryPosition? After { get; init; }

    public bool IsOldestFirst { get; init; }

    public required int Count { get; init; }

    public string Order(string of) => IsOldestFirst ? $"{of}.time_us, {of}.stream_id, {of}.seq" : $"{of}.time_us DESC, {of}.stream_id DESC, {of}.seq DESC";

    /// <summary>The positions of one key's first entries, and how they are ordered and cut; the key's parts are given as SQL.</summary>
    public string Positions(SearchPath path, string id, string scope, string from, string first)
    {
        // The scope's own condition lets the database choose its index where that is the narrower one.
        var within = path.Column == "scope_id" ? "" : $" AND r.scope_id = {scope}";
        var beyond = After is null ? "" : $" AND (r.time_us, r.stream_id, r.seq) {(IsOldestFirst ? ">" : "<")} (@after_time, @after_stream, @after_seq)";
        return
            $"""
            SELECT r.time_us, r.stream_id, r.seq FROM audit_records r
            WHERE r.{path.Column} = {id}{within} AND r.time_us >= {from} AND r.time_us < @to{Conditions}{beyond}
            ORDER BY {first}
            """;
    }

    /// <summary>The parameters of <see cref="Positions"/>.</summary>
    public IEnumerable<(string Name, object? Value)> AllParameters(Func<Guid, object> id)
    {
        // The position's time also narrows the range itself, for databases that take only the first part of a row comparison to the index.
        yield return ("to", After is { } before && !IsOldestFirst ? Math.Min(ToUs, before.TimeUs + 1) : ToUs);
        yield return ("count", Count);
        foreach (var parameter in Parameters) yield return parameter;
        if (After is not { } after) yield break;
        yield return ("after_time", after.TimeUs);
        yield return ("after_stream", id(after.Stream));
        yield return ("after_seq", after.Seq);
    }

    /// <summary>A list of numbers as SQL.</summary>
    public static string List(IEnumerable<long> ids) => string.Join(',', ids.Select(static id => id.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("NULL"));
}
