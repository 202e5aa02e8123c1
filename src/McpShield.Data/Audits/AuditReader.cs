using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using McpShield.Audit;

namespace McpShield.Data.Audits;

/// <summary>Reads the audit log, also while it is written, within the scope of whoever asks.</summary>
public abstract partial class AuditReader
{
    /// <summary>The head of a stream that has ended: nothing comes after it.</summary>
    public const long Ended = long.MaxValue;

    private const int ExportPage = 1_000;
    private const int MostPaths = 32;
    private const int ProbeDepth = 2_000;
    private const int MostProbedScopes = 16;

    private protected AuditReader()
    {
    }

    /// <summary>Entries, newest first.</summary>
    /// <exception cref="ArgumentException">The query has a <see cref="AuditQuery.Problem"/>.</exception>
    public async Task<AuditPage> ListAsync(AuditQuery query, CancellationToken ct)
    {
        if (query.Problem is var (parameter, problem)) throw new ArgumentException(problem, parameter);
        await using var connection = await OpenAsync(ct);
        var after = query.Cursor is null ? null : AuditCursor.Read(query.Cursor, query);
        var rows = await FindAsync(connection, query, after, isOldestFirst: false, query.Limit + 1, ct);
        var entries = rows.Take(query.Limit).Select(static row => row.ToEntry()).ToList();
        return new(entries, rows.Count > query.Limit ? AuditCursor.Write(rows[query.Limit - 1].Position, query) : null);
    }

    /// <summary>All entries, oldest first, a page in memory at a time. Limit and cursor of the query do not count.</summary>
    public async IAsyncEnumerable<AuditEntry> ExportAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        query = query with { Cursor = null, Limit = 1 };
        if (query.Problem is var (parameter, problem)) throw new ArgumentException(problem, parameter);
        await using var connection = await OpenAsync(ct);
        EntryPosition? after = null;
        while (true)
        {
            var rows = await FindAsync(connection, query, after, isOldestFirst: true, ExportPage, ct);
            foreach (var row in rows) yield return row.ToEntry();
            if (rows.Count < ExportPage) yield break;
            after = rows[^1].Position;
        }
    }

    /// <summary>Everything about one call or action of an organization; <c>null</c> when it has none of that id, or it is no longer shown.</summary>
    public async Task<AuditStory?> FindAsync(Guid organization, Guid callId, CancellationToken ct)
    {
        const string Sql =
            """
            SELECT r.stream_id, r.seq, r.envelope, r.link, p.payload, o.envelope, op.payload
            FROM audit_records r
            JOIN audit_scopes s ON s.scope_id = r.scope_id AND s.organization_id = @organization AND r.time_us >= s.erased_before_us
            LEFT JOIN audit_payloads p ON p.stream_id = r.stream_id AND p.seq = r.seq
            LEFT JOIN audit_records o ON o.call_id = r.call_id AND o.kind = 'outcome'
            LEFT JOIN audit_payloads op ON op.stream_id = o.stream_id AND op.seq = o.seq
            WHERE r.call_id = @call AND r.kind IN ('decision', 'action')
            """;
        await using var connection = await OpenAsync(ct);
        await using var command = connection.Command(Sql, [("organization", Id(organization)), ("call", Id(callId))]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        var (envelope, payload, outcome) = (reader.GetFieldValue<byte[]>(2), Bytes(reader, 4), Bytes(reader, 5));
        var entry = AuditEntry.Of(envelope, payload);
        return new()
        {
            Entry = outcome is null ? entry : entry.EndedBy(outcome),
            Envelope = Encoding.UTF8.GetString(envelope),
            Payload = Text(payload),
            Outcome = Text(outcome),
            OutcomePayload = Text(Bytes(reader, 6)),
            Stream = ReadId(reader, 0),
            Seq = reader.GetInt64(1),
            Link = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(3)),
        };

        static string? Text(byte[]? json) => json is { Length: > 0 } ? Encoding.UTF8.GetString(json) : null;
    }

    private protected abstract ValueTask<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>An identifier as the database holds it.</summary>
    private protected abstract object Id(Guid id);

    private protected abstract Guid ReadId(DbDataReader reader, int column);

    /// <summary>The rows of a page, in order.</summary>
    private protected abstract Task<IReadOnlyList<EntryRow>> ReadAsync(DbConnection connection, EntrySearch search, CancellationToken ct);

    private protected static byte[]? Bytes(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    private async Task<IReadOnlyList<EntryRow>> FindAsync(DbConnection connection, AuditQuery query, EntryPosition? after, bool isOldestFirst, int count, CancellationToken ct)
    {
        var from = query.From is { } start ? RecordColumns.Microseconds(start) : long.MinValue;
        if (after is { } position && isOldestFirst) from = Math.Max(from, position.TimeUs);
        var scopes = await ReadScopesAsync(connection, query.Scope, from, ct);
        if (scopes.Count == 0) return [];
        var filters = new EntryFilters(query);
        var named = await filters.FindNamesAsync(connection, scopes, ct);
        if (named.IsNothing) return [];

        var everything = new EntrySearch
        {
            Paths = [new("scope_id", scopes)],
            Conditions = filters.Conditions + named.Condition,
            Parameters = filters.Parameters,
            ToUs = query.To is { } end ? RecordColumns.Microseconds(end) : long.MaxValue,
            After = after,
            IsOldestFirst = isOldestFirst,
            Count = count,
        };
        if (named.Paths.Count == 0) return await ReadAsync(connection, everything, ct);
        if (named.Paths.Sum(static path => path.Keys.Count) > MostPaths && !isOldestFirst && scopes.Count <= MostProbedScopes)
        {
            // Many names are most likely frequent ones: then the newest entries hold a page of them, and no more need be read.
            var nearest = await NearestAsync(connection, everything, scopes, ct);
            var found = await ReadAsync(connection, everything with { Paths = [new("scope_id", nearest)] }, ct);
            if (found.Count == count) return found;
        }

        return await ReadAsync(connection, everything with { Paths = named.Paths }, ct);
    }

    private async Task<IReadOnlyList<SearchKey>> ReadScopesAsync(DbConnection connection, AuditScope scope, long from, CancellationToken ct)
    {
        var organizations = scope.Organizations?.Distinct().ToArray();
        var sql = "SELECT scope_id, project_id, erased_before_us FROM audit_scopes";
        var parameters = new List<(string, object?)>();
        if (organizations is not null)
        {
            if (organizations.Length == 0) return [];
            sql += $" WHERE organization_id IN ({string.Join(", ", organizations.Select(static (_, i) => $"@o{i}"))})";
            parameters.AddRange(organizations.Select((one, i) => ($"o{i}", (object?)Id(one))));
        }

        await using var command = connection.Command(sql, parameters.ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var keys = new List<SearchKey>();
        while (await reader.ReadAsync(ct))
        {
            var (id, erasedBefore) = (reader.GetInt64(0), reader.GetInt64(2));
            if (erasedBefore == AuditScopeRow.Hidden || scope.Projects?.Contains(ReadId(reader, 1)) == false) continue;
            keys.Add(new(id, id, Math.Max(from, erasedBefore)));
        }

        return keys;
    }

    // The moment before which a scope's newest entries lie; the latest of them is where all scopes are still complete.
    private static async Task<IReadOnlyList<SearchKey>> NearestAsync(DbConnection connection, EntrySearch search, IReadOnlyList<SearchKey> scopes, CancellationToken ct)
    {
        const string Sql = "SELECT time_us FROM audit_records WHERE scope_id = @scope AND time_us >= @from AND time_us < @to ORDER BY time_us DESC LIMIT 1 OFFSET @depth";
        var to = search.After is { } after ? Math.Min(search.ToUs, after.TimeUs + 1) : search.ToUs;
        var horizon = long.MinValue;
        foreach (var scope in scopes)
        {
            if (await connection.ReadScalarAsync(Sql, [("scope", scope.Id), ("from", scope.FromUs), ("to", to), ("depth", ProbeDepth)], ct) is long time) horizon = Math.Max(horizon, time);
        }

        return [.. scopes.Select(scope => scope with { FromUs = Math.Max(scope.FromUs, horizon) })];
    }
}

/// <summary>A row of a page.</summary>
internal sealed record EntryRow(EntryPosition Position, byte[] Envelope, byte[]? Payload, byte[]? Outcome)
{
    public AuditEntry ToEntry()
    {
        var entry = AuditEntry.Of(Envelope, Payload);
        return Outcome is null ? entry : entry.EndedBy(Outcome);
    }
}
