using System.Globalization;
using McpShield.Audit;
using McpShield.Policy.Evaluation;
using Microsoft.Data.Sqlite;

namespace McpShield.Data.Audits;

/// <summary>The audit log in its SQLite file: one transaction a batch, on the disk before it counts.</summary>
public sealed class SqliteAuditStore : IAuditStore
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand addStream;
    private readonly SqliteCommand addRecord;
    private readonly SqliteCommand addPayload;

    private SqliteAuditStore(SqliteConnection connection)
    {
        this.connection = connection;
        addStream = Prepare("INSERT INTO audit_streams (stream_id, opened_us) VALUES ($stream_id, $opened_us)", "stream_id", "opened_us");
        addRecord = Prepare(
            """
            INSERT INTO audit_records (stream_id, seq, kind, time_us, call_id, organization_id, project_id, decision, tool, rule, reason, status, envelope, leaf, link)
            VALUES ($stream_id, $seq, $kind, $time_us, $call_id, $organization_id, $project_id, $decision, $tool, $rule, $reason, $status, $envelope, $leaf, $link)
            """,
            "stream_id", "seq", "kind", "time_us", "call_id", "organization_id", "project_id", "decision", "tool", "rule", "reason", "status", "envelope", "leaf", "link");
        addPayload = Prepare("INSERT INTO audit_payloads (stream_id, seq, salt, payload) VALUES ($stream_id, $seq, $salt, $payload)", "stream_id", "seq", "salt", "payload");
    }

    /// <summary>Opens the file that <see cref="SqliteFiles.MigrateAuditAsync"/> made.</summary>
    public static SqliteAuditStore Open(string directory)
    {
        var connection = new SqliteConnection(SqliteFiles.ConnectionString(SqliteFiles.Audit(directory), SqliteOpenMode.ReadWrite));
        connection.Open();
        using (var settings = connection.CreateCommand())
        {
            // INVARIANT: FULL waits for the disk at every commit; with less, a power cut loses decisions that were acted on.
            settings.CommandText = "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2000;";
            settings.ExecuteNonQuery();
        }

        return new(connection);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var record in batch)
        {
            if (record.Kind is RecordKind.Opened) Run(addStream, transaction, Id(record.Stream), Microseconds(record.Time));
            AddRecord(record, transaction);
            if (record.Salt.Length > 0) Run(addPayload, transaction, Id(record.Stream), record.Seq, record.Salt, record.Payload);
        }

        transaction.Commit();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT stream_id, seq, link FROM audit_records WHERE stream_id = $stream ORDER BY seq DESC LIMIT 1";
        command.Parameters.AddWithValue("$stream", Id(stream));
        return new(ReadHead(command));
    }

    /// <inheritdoc/>
    public ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT stream_id, seq, link FROM audit_records
            WHERE stream_id = (SELECT stream_id FROM audit_streams ORDER BY opened_us DESC, stream_id DESC LIMIT 1) ORDER BY seq DESC LIMIT 1
            """;
        return new(ReadHead(command));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await addStream.DisposeAsync();
        await addRecord.DisposeAsync();
        await addPayload.DisposeAsync();
        await connection.DisposeAsync();
    }

    internal static string Id(Guid id) => id.ToString("D").ToUpperInvariant(); // as EF writes it

    private static object Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static StreamHead? ReadHead(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        return reader.Read() ? new(Guid.Parse(reader.GetString(0), CultureInfo.InvariantCulture), reader.GetInt64(1), (byte[])reader[2]) : null;
    }

    private void AddRecord(StoredRecord record, SqliteTransaction transaction)
    {
        var (decision, outcome) = (record.Source as DecisionRecord, record.Source as OutcomeRecord);
        Run(
            addRecord,
            transaction,
            Id(record.Stream),
            record.Seq,
            record.Kind switch { RecordKind.Opened => "opened", RecordKind.Decision => "decision", RecordKind.Outcome => "outcome", _ => "sealed" },
            Microseconds(record.Time),
            OrNull(record.Source?.CallId),
            OrNull(decision?.OrganizationId),
            OrNull(decision?.ProjectId),
            decision is null ? DBNull.Value : WireNames.Of(decision.Decision.Outcome),
            (object?)decision?.Tool ?? DBNull.Value,
            (object?)decision?.Decision.Rule ?? DBNull.Value,
            decision is null ? DBNull.Value : WireNames.Of(decision.Decision.Reason),
            outcome is null ? DBNull.Value : CallStatusNames.Of(outcome.Status),
            record.Envelope,
            Chain.Leaf(record.Envelope),
            record.Link);
    }

    private static object OrNull(Guid? id) => id is { } known && known != Guid.Empty ? Id(known) : DBNull.Value;

    private static void Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter($"${name}", null));
        return command;
    }
}
