using System.Data.Common;
using Npgsql;

namespace McpShield.Data.Audits;

/// <summary>Reads the audit log in PostgreSQL.</summary>
public sealed class PostgresAuditReader : AuditReader
{
    private readonly NpgsqlDataSource source;

    private PostgresAuditReader(NpgsqlDataSource source) => this.source = source;

    /// <summary>A reader of the database that <see cref="PostgresAuditDb.MigrateAsync"/> made. The source stays the caller's.</summary>
    public static PostgresAuditReader Open(NpgsqlDataSource source) => new(source);

    private protected override async ValueTask<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    private protected override ValueTask<DbConnection> OpenForErasingAsync(CancellationToken ct) => OpenAsync(ct);

    private protected override object Id(Guid id) => id;

    private protected override Guid ReadId(DbDataReader reader, int column) => reader.GetGuid(column);

    private protected override async Task<IReadOnlyList<EntryRow>> ReadAsync(DbConnection connection, EntrySearch search, CancellationToken ct)
    {
        await using var command = connection.Command(Sql(search), Parameters(search));
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<EntryRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(new(reader.GetInt64(0), reader.GetGuid(1), reader.GetInt64(2)), reader.GetFieldValue<byte[]>(3), Bytes(reader, 4), Bytes(reader, 5)));
        }

        return rows;
    }

    /// <summary>The positions first, from the indexes alone; then the rows of the page, and no others.</summary>
    internal static string Sql(EntrySearch search)
    {
        // The indexes end in the time: an order that asks for more is sorted by reading everything first, where the database expects little.
        // So each key's first entries are cut by time alone, with all that share the last moment, and ordered among each other afterwards.
        var first = $"r.time_us{(search.IsOldestFirst ? "" : " DESC")} FETCH FIRST @count ROWS WITH TIES";

        // An entry that is found by two of its names counts once.
        var paths = string.Join(
            " UNION ",
            search.Paths.Select((path, i) =>
                $"SELECT found.* FROM unnest(@id{i}, @scope{i}, @from{i}) AS k (id, scope, lower) CROSS JOIN LATERAL ({search.Positions(path, "k.id", "k.scope", "k.lower", first)}) AS found"));
        return
            $"""
            WITH page AS MATERIALIZED (SELECT * FROM ({paths}) AS f ORDER BY {search.Order("f")} LIMIT @count)
            SELECT page.time_us, page.stream_id, page.seq, r.envelope, p.payload, o.envelope
            FROM page
            JOIN audit_records r ON r.stream_id = page.stream_id AND r.seq = page.seq
            LEFT JOIN audit_payloads p ON p.stream_id = page.stream_id AND p.seq = page.seq
            LEFT JOIN audit_records o ON o.call_id = r.call_id AND o.kind = 'outcome'
            ORDER BY {search.Order("page")}
            """;
    }

    internal (string, object?)[] Parameters(EntrySearch search) =>
    [
        .. search.AllParameters(Id),
        .. search.Paths.SelectMany(static (path, i) => new (string, object?)[]
        {
            ($"id{i}", path.Keys.Select(static key => key.Id).ToArray()),
            ($"scope{i}", path.Keys.Select(static key => key.Scope).ToArray()),
            ($"from{i}", path.Keys.Select(static key => key.FromUs).ToArray()),
        }),
    ];
}
