using System.Globalization;
using McpShield.Audit;
using Microsoft.Data.Sqlite;

namespace McpShield.Data.Audits;

/// <summary>The audit log in its SQLite file: one transaction a batch, on the disk before it counts.</summary>
public sealed class SqliteAuditStore : IAuditStore
{
    private readonly SqliteConnection connection;
    private readonly RecordNames names = new(static id => Id(id));
    private readonly SqliteCommand addStream;
    private readonly SqliteCommand addRecord;
    private readonly SqliteCommand addPayload;

    private SqliteAuditStore(SqliteConnection connection)
    {
        this.connection = connection;
        addStream = Prepare("INSERT INTO audit_streams (stream_id, opened_us) VALUES ($stream_id, $opened_us)", "stream_id", "opened_us");
        addRecord = Prepare(
            """
            INSERT INTO audit_records (stream_id, seq, kind, time_us, call_id, organization_id, project_id, decision, tool, rule, reason, status, duration_us, agent, key_id, source, action,
                actor, method, envelope, leaf, link, scope_id, what_id, who_id, why_id)
            VALUES ($stream_id, $seq, $kind, $time_us, $call_id, $organization_id, $project_id, $decision, $tool, $rule, $reason, $status, $duration_us, $agent, $key_id, $source, $action,
                $actor, $method, $envelope, $leaf, $link, $scope_id, $what_id, $who_id, $why_id)
            """,
            "stream_id", "seq", "kind", "time_us", "call_id", "organization_id", "project_id", "decision", "tool", "rule", "reason", "status", "duration_us", "agent", "key_id", "source", "action",
            "actor", "method", "envelope", "leaf", "link", "scope_id", "what_id", "who_id", "why_id");
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
    public async ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
    {
        var rows = new List<(StoredRecord Record, RecordColumns Columns, RecordReferences References)>(batch.Count);
        foreach (var record in batch)
        {
            var columns = RecordColumns.Of(record);
            rows.Add((record, columns, await names.FindAsync(connection, columns, record.Source)));
        }

        await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(ct);
        foreach (var (record, columns, references) in rows)
        {
            if (record.Kind is RecordKind.Opened) Run(addStream, transaction, Id(record.Stream), columns.TimeUs);
            AddRecord(record, columns, references, transaction);
            if (record.Salt.Length > 0) Run(addPayload, transaction, Id(record.Stream), record.Seq, record.Salt, record.Payload);
        }

        await transaction.CommitAsync(ct);
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
    public ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT EXISTS (SELECT 1 FROM audit_records WHERE call_id = $call AND kind = $kind)";
        var (call, kind) = (command.Parameters.Add("$call", SqliteType.Text), command.Parameters.Add("$kind", SqliteType.Text));
        var kept = new HashSet<RecordIdentity>();
        foreach (var one in wanted)
        {
            (call.Value, kind.Value) = (Id(one.CallId), AuditNames.Of(one.Kind));
            if (command.ExecuteScalar() is 1L) kept.Add(one);
        }

        return new(kept);
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

    private static StreamHead? ReadHead(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        return reader.Read() ? new(Guid.Parse(reader.GetString(0), CultureInfo.InvariantCulture), reader.GetInt64(1), (byte[])reader[2]) : null;
    }

    private void AddRecord(StoredRecord record, RecordColumns columns, RecordReferences references, SqliteTransaction transaction) => Run(
        addRecord,
        transaction,
        Id(record.Stream),
        record.Seq,
        columns.Kind,
        columns.TimeUs,
        OrNull(columns.CallId),
        OrNull(columns.OrganizationId),
        OrNull(columns.ProjectId),
        OrNull(columns.Decision),
        OrNull(columns.Tool),
        OrNull(columns.Rule),
        OrNull(columns.Reason),
        OrNull(columns.Status),
        OrNull(columns.DurationUs),
        OrNull(columns.Agent),
        OrNull(columns.KeyId),
        OrNull(columns.Source),
        OrNull(columns.Action),
        OrNull(columns.Actor),
        OrNull(columns.Method),
        record.Envelope,
        Chain.Leaf(record.Envelope),
        record.Link,
        OrNull(references.Scope),
        OrNull(references.What),
        OrNull(references.Who),
        OrNull(references.Why));

    private static object OrNull(Guid? id) => id is { } known ? Id(known) : DBNull.Value;

    private static object OrNull(object? value) => value ?? DBNull.Value;

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
