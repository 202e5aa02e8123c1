using McpShield.Audit;
using Microsoft.Data.Sqlite;

namespace McpShield.Data.Audits;

/// <summary>Reads the audit log's file, also while another process writes it.</summary>
public static class SqliteAuditReader
{
    /// <summary>The entries wanted, newest first.</summary>
    public static IReadOnlyList<AuditEntry> List(string directory, AuditFilter filter)
    {
        using var connection = Open(directory);
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT d.envelope, p.payload, o.envelope
            FROM audit_records d
            LEFT JOIN audit_payloads p ON p.stream_id = d.stream_id AND p.seq = d.seq
            LEFT JOIN audit_records o ON o.call_id = d.call_id AND o.kind = 'outcome'
            WHERE d.kind = 'decision' AND ($decision IS NULL OR d.decision = $decision) AND ($tool IS NULL OR d.tool = $tool)
            ORDER BY d.time_us DESC, d.seq DESC LIMIT $limit
            """;
        command.Parameters.AddWithValue("$decision", (object?)filter.Decision ?? DBNull.Value);
        command.Parameters.AddWithValue("$tool", (object?)filter.Tool ?? DBNull.Value);
        command.Parameters.AddWithValue("$limit", filter.Limit);
        using var reader = command.ExecuteReader();
        var entries = new List<AuditEntry>();
        while (reader.Read())
        {
            var entry = AuditEntry.Of((byte[])reader[0], reader.IsDBNull(1) ? null : (byte[])reader[1]);
            entries.Add(reader.IsDBNull(2) ? entry : entry.EndedBy((byte[])reader[2]));
        }

        return entries;
    }

    /// <summary>Every record, stream by stream, in the order of each.</summary>
    public static IReadOnlyList<KeptRecord> Read(string directory)
    {
        using var connection = Open(directory);
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT r.envelope, r.link, p.salt, p.payload
            FROM audit_records r JOIN audit_streams s ON s.stream_id = r.stream_id
            LEFT JOIN audit_payloads p ON p.stream_id = r.stream_id AND p.seq = r.seq
            ORDER BY s.opened_us, s.stream_id, r.seq
            """;
        using var reader = command.ExecuteReader();
        var records = new List<KeptRecord>();
        while (reader.Read())
        {
            var (salt, payload) = reader.IsDBNull(2) ? ([], null) : ((byte[])reader[2], (byte[]?)reader[3]);
            records.Add(KeptRecord.TryRead((byte[])reader[0], (byte[])reader[1], salt, payload) ?? throw new InvalidDataException("an audit record is not JSON"));
        }

        return records;
    }

    private static SqliteConnection Open(string directory)
    {
        var connection = new SqliteConnection(SqliteFiles.ConnectionString(SqliteFiles.Audit(directory), SqliteOpenMode.ReadOnly));
        connection.Open();
        return connection;
    }
}
