using System.Buffers.Binary;
using System.Data;
using McpShield.Audit;
using Npgsql;
using NpgsqlTypes;

namespace McpShield.Data.Audits;

/// <summary>The audit log in PostgreSQL: one transaction of binary COPY a batch. Any number of processes write there at once, each its own stream.</summary>
public sealed class PostgresAuditStore : IAuditStore
{
    // The transaction of a connection that was lost may still be on its way to its commit; whoever asks for the stream's head waits for it.
    // INVARIANT: an off `synchronous_commit` loses decisions that were acted on; stronger settings than `on` stay.
    private const string Begin =
        """
        SELECT pg_advisory_xact_lock(@stream),
               set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)
        """;

    internal const string CopyRecords =
        """
        COPY audit_records (stream_id, seq, kind, time_us, call_id, organization_id, project_id, decision, tool, rule, reason, status, duration_us, agent, key_id, source, action, actor,
            method, envelope, leaf, link, scope_id, what_id, who_id, why_id) FROM STDIN (FORMAT BINARY)
        """;

    private readonly NpgsqlDataSource source;
    private readonly RecordNames names = new(static id => id);
    private NpgsqlConnection? connection;

    private PostgresAuditStore(NpgsqlDataSource source) => this.source = source;

    /// <summary>A store in the database that <see cref="PostgresAuditDb.MigrateAsync"/> made. The source stays the caller's.</summary>
    public static PostgresAuditStore Open(NpgsqlDataSource source) => new(source);

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
    {
        var open = await ConnectAsync(ct);
        var rows = new List<(StoredRecord Record, RecordColumns Columns, RecordReferences References)>(batch.Count);
        foreach (var record in batch)
        {
            var columns = RecordColumns.Of(record);
            rows.Add((record, columns, await names.FindAsync(open, columns, record.Source)));
        }

        await using var transaction = await open.BeginTransactionAsync(ct);
        await open.RunAsync(Begin, [("stream", LockOf(batch[0].Stream))], ct);
        foreach (var (record, columns, _) in rows.Where(static row => row.Record.Kind is RecordKind.Opened))
        {
            await open.RunAsync("INSERT INTO audit_streams (stream_id, opened_us) VALUES (@stream, @opened)", [("stream", record.Stream), ("opened", columns.TimeUs)], ct);
        }

        await using (var writer = await open.BeginBinaryImportAsync(CopyRecords, ct))
        {
            foreach (var (record, columns, references) in rows) await WriteAsync(writer, record, columns, references, ct);
            await writer.CompleteAsync(ct);
        }

        if (batch.Any(static record => record.Salt.Length > 0)) await CopyPayloadsAsync(open, batch, ct);
        await transaction.CommitAsync(ct);
    }

    /// <inheritdoc/>
    public async ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct)
    {
        var open = await ConnectAsync(ct);
        await using var transaction = await open.BeginTransactionAsync(ct);
        await open.RunAsync(Begin, [("stream", LockOf(stream))], ct);
        var head = await ReadHeadAsync(open, "SELECT stream_id, seq, link FROM audit_records WHERE stream_id = @stream ORDER BY seq DESC LIMIT 1", [("stream", stream)], ct);
        await transaction.CommitAsync(ct);
        return head;
    }

    /// <inheritdoc/>
    public async ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct) => await ReadHeadAsync(
        await ConnectAsync(ct),
        """
        SELECT stream_id, seq, link FROM audit_records
        WHERE stream_id = (SELECT stream_id FROM audit_streams ORDER BY opened_us DESC, stream_id DESC LIMIT 1) ORDER BY seq DESC LIMIT 1
        """,
        [],
        ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct)
    {
        const string Sql =
            """
            SELECT w.place FROM unnest(@calls, @kinds) WITH ORDINALITY AS w (call_id, kind, place)
            WHERE EXISTS (SELECT 1 FROM audit_records r WHERE r.call_id = w.call_id AND r.kind = w.kind)
            """;
        var list = wanted.ToArray();
        var open = await ConnectAsync(ct);
        await using var command = open.Command(
            Sql, [("calls", Array.ConvertAll(list, static one => one.CallId)), ("kinds", Array.ConvertAll(list, static one => AuditNames.Of(one.Kind)))]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var kept = new HashSet<RecordIdentity>();
        while (await reader.ReadAsync(ct)) kept.Add(list[reader.GetInt64(0) - 1]);
        return kept;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (connection is not null) await connection.DisposeAsync();
    }

    private async ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        if (connection is { State: ConnectionState.Open }) return connection;
        if (connection is not null) await connection.DisposeAsync();
        return connection = await source.OpenConnectionAsync(ct);
    }

    private static async Task<StreamHead?> ReadHeadAsync(NpgsqlConnection open, string sql, (string, object?)[] parameters, CancellationToken ct)
    {
        await using var command = open.Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new(reader.GetGuid(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)) : null;
    }

    private static async Task CopyPayloadsAsync(NpgsqlConnection open, IReadOnlyList<StoredRecord> batch, CancellationToken ct)
    {
        await using var writer = await open.BeginBinaryImportAsync("COPY audit_payloads (stream_id, seq, salt, payload) FROM STDIN (FORMAT BINARY)", ct);
        foreach (var record in batch.Where(static record => record.Salt.Length > 0))
        {
            await writer.StartRowAsync(ct);
            await writer.WriteAsync(record.Stream, NpgsqlDbType.Uuid, ct);
            await writer.WriteAsync(record.Seq, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(record.Salt, NpgsqlDbType.Bytea, ct);
            await writer.WriteAsync(record.Payload, NpgsqlDbType.Bytea, ct);
        }

        await writer.CompleteAsync(ct);
    }

    internal static async Task WriteAsync(NpgsqlBinaryImporter writer, StoredRecord record, RecordColumns columns, RecordReferences references, CancellationToken ct)
    {
        await writer.StartRowAsync(ct);
        await writer.WriteAsync(record.Stream, NpgsqlDbType.Uuid, ct);
        await writer.WriteAsync(record.Seq, NpgsqlDbType.Bigint, ct);
        await TextAsync(columns.Kind);
        await writer.WriteAsync(columns.TimeUs, NpgsqlDbType.Bigint, ct);
        await IdAsync(columns.CallId);
        await IdAsync(columns.OrganizationId);
        await IdAsync(columns.ProjectId);
        await TextAsync(columns.Decision);
        await TextAsync(columns.Tool);
        await TextAsync(columns.Rule);
        await TextAsync(columns.Reason);
        await TextAsync(columns.Status);
        await NumberAsync(columns.DurationUs);
        await TextAsync(columns.Agent);
        await TextAsync(columns.KeyId);
        await TextAsync(columns.Source);
        await TextAsync(columns.Action);
        await TextAsync(columns.Actor);
        await TextAsync(columns.Method);
        await writer.WriteAsync(record.Envelope, NpgsqlDbType.Bytea, ct);
        await writer.WriteAsync(Chain.Leaf(record.Envelope), NpgsqlDbType.Bytea, ct);
        await writer.WriteAsync(record.Link, NpgsqlDbType.Bytea, ct);
        await NumberAsync(references.Scope);
        await NumberAsync(references.What);
        await NumberAsync(references.Who);
        await NumberAsync(references.Why);

        Task TextAsync(string? value) => value is null ? writer.WriteNullAsync(ct) : writer.WriteAsync(value, NpgsqlDbType.Text, ct);
        Task IdAsync(Guid? value) => value is { } known ? writer.WriteAsync(known, NpgsqlDbType.Uuid, ct) : writer.WriteNullAsync(ct);
        Task NumberAsync(long? value) => value is { } known ? writer.WriteAsync(known, NpgsqlDbType.Bigint, ct) : writer.WriteNullAsync(ct);
    }

    private static long LockOf(Guid stream)
    {
        Span<byte> bytes = stackalloc byte[16];
        stream.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
    }
}
