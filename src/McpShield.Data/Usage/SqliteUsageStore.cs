using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Usage;

/// <summary>On a SQLite file: one connection with its statements prepared, one commit for all that waits.</summary>
internal sealed class SqliteUsageStore(ShieldDb db) : UsageStore
{
    private const string InsertSql =
        """
        INSERT INTO usage_events (id, project_id, event_id, event_type, tool_name, decision, timestamp, decision_id, key_id, outcome, duration_ms, metadata, received_at, audited_at)
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13) ON CONFLICT (project_id, event_id) DO NOTHING
        """;

    private const string DailySql =
        """
        INSERT INTO usage_daily (org_id, day, project_id, tool_name, decision, source, is_infrastructure, event_count)
        SELECT o.id, @p1, @p2, @p3, @p4, @p5, EXISTS (SELECT 1 FROM connections c WHERE c.project_id = @p2 AND c.name = @p6), @p7 FROM organizations o WHERE o.id = @p0
        ON CONFLICT (org_id, day, project_id, tool_name, decision, source, is_infrastructure) DO UPDATE SET event_count = event_count + excluded.event_count
        """;

    private const string MonthlySql =
        """
        INSERT INTO usage_monthly (id, user_id, year, month, event_count, created_at, updated_at)
        SELECT @p1, o.owner_user_id, @p2, @p3, @p4, @p5, @p5 FROM organizations o WHERE o.id = @p0
        ON CONFLICT (user_id, year, month) DO UPDATE SET event_count = event_count + excluded.event_count, updated_at = excluded.updated_at
        """;

    private const string ReadSql =
        "SELECT m.event_count FROM organizations o JOIN usage_monthly m ON m.user_id = o.owner_user_id AND m.year = @p1 AND m.month = @p2 WHERE o.id = @p0";

    private const string MoveSql = "UPDATE usage_cursors SET seq = @p1 WHERE stream_id = @p0 AND seq = @p2";
    private const string BeginSql = "INSERT INTO usage_cursors (stream_id, seq) VALUES (@p0, @p1) ON CONFLICT DO NOTHING";

    private readonly SqliteConnection connection = (SqliteConnection)db.Database.GetDbConnection();
    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

    public override async Task<IReadOnlyList<BatchAnswer>> AddAsync(IReadOnlyList<ReportedBatch> batches, DateTimeOffset now, CancellationToken ct)
    {
        await OpenAsync(ct);
        await using var transaction = connection.BeginTransaction();
        var (tally, accepted) = (new UsageTally(), new int[batches.Count]);
        try
        {
            foreach (var (batch, id, one) in Rows(batches, now))
            {
                if (Run(transaction, InsertSql, id, batches[batch].ProjectId, one.EventId, one.EventType, one.Tool, one.Decision, one.Timestamp.UtcTicks, one.DecisionId, batches[batch].KeyId, one.Outcome, one.DurationMs, one.Metadata, now.UtcTicks, one.IsForAudit ? null : now.UtcTicks) == 0) continue;
                accepted[batch]++;
                Count(tally, batches[batch], one);
            }
        }
        catch (SqliteException gone) when (gone.SqliteExtendedErrorCode == DatabaseFailures.SqliteConstraintForeignKey && batches.Count == 1)
        {
            return [new(IsProjectThere: false, 0, 0)];
        }

        Count(transaction, tally, now);
        var months = Organizations(batches).ToDictionary(static one => one, one => Read(transaction, one, now));
        await transaction.CommitAsync(ct);
        return [.. batches.Select((batch, i) => new BatchAnswer(IsProjectThere: true, accepted[i], months[batch.OrganizationId]))];
    }

    public override async Task<bool> CountAsync(UsageTally tally, IReadOnlyDictionary<Guid, long> from, IReadOnlyDictionary<Guid, long> to, DateTimeOffset now, CancellationToken ct)
    {
        await OpenAsync(ct);
        await using var transaction = connection.BeginTransaction();
        foreach (var (stream, before, after) in Moves(from, to))
        {
            if ((before is { } known ? Run(transaction, MoveSql, stream, after, known) : Run(transaction, BeginSql, stream, after)) != 1) return false;
        }

        Count(transaction, tally, now);
        await transaction.CommitAsync(ct);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var command in prepared.Values) await command.DisposeAsync();
        await db.DisposeAsync();
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        if (connection.State is ConnectionState.Open) return;
        await db.Database.OpenConnectionAsync(ct);

        // SQLite waits itself, a millisecond at first; the driver would sleep a sixth of a second.
        await using var patience = connection.CreateCommand();
        patience.CommandText = "PRAGMA busy_timeout = 5000";
        await patience.ExecuteNonQueryAsync(ct);
    }

    private void Count(SqliteTransaction transaction, UsageTally tally, DateTimeOffset now)
    {
        foreach (var (key, count) in tally.Daily) Run(transaction, DailySql, key.OrganizationId, key.Day, key.ProjectId, key.Tool, key.Decision, key.Source, key.Server, count);
        foreach (var (organization, count) in tally.Monthly) Run(transaction, MonthlySql, organization, Guid.CreateVersion7(now), now.UtcDateTime.Year, now.UtcDateTime.Month, count, now.UtcTicks);
    }

    private long Read(SqliteTransaction transaction, Guid organization, DateTimeOffset now) =>
        Prepare(transaction, ReadSql, organization, now.UtcDateTime.Year, now.UtcDateTime.Month).ExecuteScalar() as long? ?? 0;

    private int Run(SqliteTransaction transaction, string sql, params ReadOnlySpan<object?> values) => Prepare(transaction, sql, values).ExecuteNonQuery();

    private SqliteCommand Prepare(SqliteTransaction transaction, string sql, params ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // one of the constants above
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"@p{i}" });
            prepared[sql] = command;
        }

        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
