using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace McpShield.Data.Audits;

/// <summary>Reads the audit log's file, also while another process writes it.</summary>
public sealed class SqliteAuditReader : AuditReader
{
    private const string Row =
        """
        SELECT r.envelope, p.payload, o.envelope
        FROM audit_records r
        LEFT JOIN audit_payloads p ON p.stream_id = r.stream_id AND p.seq = r.seq
        LEFT JOIN audit_records o ON o.call_id = r.call_id AND o.kind = 'outcome'
        WHERE r.stream_id = @stream AND r.seq = @seq
        """;

    private readonly string path;

    private SqliteAuditReader(string path) => this.path = path;

    /// <summary>A reader of the file that <see cref="SqliteFiles.MigrateAuditAsync"/> made in <paramref name="directory"/>.</summary>
    public static SqliteAuditReader Open(string directory) => new(SqliteFiles.Audit(directory));

    private protected override async ValueTask<DbConnection> OpenAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(SqliteFiles.ConnectionString(path, SqliteOpenMode.ReadOnly));
        await connection.OpenAsync(ct);
        return connection;
    }

    private protected override async ValueTask<DbConnection> OpenForErasingAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(SqliteFiles.ConnectionString(path, SqliteOpenMode.ReadWrite));
        await connection.OpenAsync(ct);
        await connection.RunAsync("PRAGMA secure_delete=ON", [], ct);
        return connection;
    }

    private protected override object Id(Guid id) => SqliteAuditStore.Id(id);

    private protected override Guid ReadId(DbDataReader reader, int column) => Guid.Parse(reader.GetString(column), CultureInfo.InvariantCulture);

    // A file asks nobody across a network: one small statement a key, merged here.
    private protected override async Task<IReadOnlyList<EntryRow>> ReadAsync(DbConnection connection, EntrySearch search, CancellationToken ct)
    {
        var found = new HashSet<EntryPosition>();
        foreach (var path in search.Paths)
        {
            await using var command = connection.Command(search.Positions(path, "@id", "@scope", "@from", $"{search.Order("r")} LIMIT @count"), [.. search.AllParameters(Id), ("id", 0L), ("scope", 0L), ("from", 0L)]);
            foreach (var key in path.Keys)
            {
                ct.ThrowIfCancellationRequested();
                command.Parameters["@id"].Value = key.Id;
                command.Parameters["@scope"].Value = key.Scope;
                command.Parameters["@from"].Value = key.FromUs;
                await using var reader = await command.ExecuteReaderAsync(ct);
                while (await reader.ReadAsync(ct)) found.Add(new(reader.GetInt64(0), ReadId(reader, 1), reader.GetInt64(2)));
            }
        }

        var ordered = found.OrderBy(static one => one.TimeUs).ThenBy(static one => SqliteAuditStore.Id(one.Stream), StringComparer.Ordinal).ThenBy(static one => one.Seq);
        var page = (search.IsOldestFirst ? ordered : ordered.Reverse()).Take(search.Count);
        var rows = new List<EntryRow>();
        await using var read = connection.Command(Row, [("stream", ""), ("seq", 0L)]);
        foreach (var position in page)
        {
            read.Parameters["@stream"].Value = Id(position.Stream);
            read.Parameters["@seq"].Value = position.Seq;
            await using var reader = await read.ExecuteReaderAsync(ct);
            if (await reader.ReadAsync(ct)) rows.Add(new(position, reader.GetFieldValue<byte[]>(0), Bytes(reader, 1), Bytes(reader, 2)));
        }

        return rows;
    }

}
