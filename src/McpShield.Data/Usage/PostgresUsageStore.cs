using Npgsql;
using NpgsqlTypes;

namespace McpShield.Data.Usage;

/// <summary>On a PostgreSQL server: three trips a transaction, however many requests share it.</summary>
internal sealed class PostgresUsageStore(NpgsqlDataSource source) : UsageStore
{
    // The order of the rows keeps two writers that were told the same events from waiting for each other.
    private const string Insert =
        """
        INSERT INTO usage_events (id, project_id, event_id, event_type, tool_name, decision, timestamp, decision_id, key_id, outcome, duration_ms, metadata, received_at, audited_at)
        SELECT id, project_id, event_id, event_type, tool_name, decision, timestamp, decision_id, key_id, outcome, duration_ms, metadata::json, $13, CASE WHEN for_audit THEN NULL ELSE $13 END
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14) AS t (id, project_id, event_id, event_type, tool_name, decision, timestamp, decision_id, key_id, outcome, duration_ms, metadata, for_audit)
        ORDER BY project_id, event_id
        ON CONFLICT (project_id, event_id) DO NOTHING
        RETURNING id
        """;

    private const string Daily =
        """
        INSERT INTO usage_daily (org_id, day, project_id, tool_name, decision, source, is_infrastructure, event_count)
        SELECT t.org_id, t.day, t.project_id, t.tool_name, t.decision, t.source, EXISTS (SELECT 1 FROM connections c WHERE c.project_id = t.project_id AND c.name = t.server), t.n
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS t (org_id, day, project_id, tool_name, decision, source, server, n)
        JOIN organizations o ON o.id = t.org_id
        ORDER BY t.org_id, t.day, t.project_id, t.tool_name, t.decision, t.source
        ON CONFLICT (org_id, day, project_id, tool_name, decision, source, is_infrastructure) DO UPDATE SET event_count = usage_daily.event_count + excluded.event_count
        """;

    private const string Monthly =
        """
        INSERT INTO usage_monthly (id, user_id, year, month, event_count, created_at, updated_at)
        SELECT t.id, o.owner_user_id, $4, $5, t.n, $6, $6 FROM unnest($1, $2, $3) AS t (id, org_id, n) JOIN organizations o ON o.id = t.org_id
        ORDER BY o.owner_user_id
        ON CONFLICT (user_id, year, month) DO UPDATE SET event_count = usage_monthly.event_count + excluded.event_count, updated_at = excluded.updated_at
        """;

    private const string Read =
        "SELECT o.id, m.event_count FROM organizations o JOIN usage_monthly m ON m.user_id = o.owner_user_id AND m.year = $2 AND m.month = $3 WHERE o.id = ANY($1)";

    public override async Task<IReadOnlyList<BatchAnswer>> AddAsync(IReadOnlyList<ReportedBatch> batches, DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var rows = Rows(batches, now).ToList();
        HashSet<Guid> added;
        try
        {
            added = await InsertAsync(connection, batches, rows, now, ct);
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.ForeignKeyViolation && batches.Count == 1)
        {
            return [new(IsProjectThere: false, 0, 0)];
        }

        var (tally, accepted) = (new UsageTally(), new int[batches.Count]);
        foreach (var (batch, id, one) in rows)
        {
            if (!added.Contains(id)) continue;
            accepted[batch]++;
            Count(tally, batches[batch], one);
        }

        await using var work = new NpgsqlBatch(connection, transaction);
        AddCounts(work, tally, now);
        work.BatchCommands.Add(new(Read) { Parameters = { Of(Organizations(batches).ToArray()), Of(now.UtcDateTime.Year), Of(now.UtcDateTime.Month) } });
        var months = new Dictionary<Guid, long>();
        await using (var reader = await work.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct)) months[reader.GetGuid(0)] = reader.GetInt64(1);
        }

        await transaction.CommitAsync(ct);
        return [.. batches.Select((batch, i) => new BatchAnswer(IsProjectThere: true, accepted[i], months.GetValueOrDefault(batch.OrganizationId)))];
    }

    public override async Task<bool> CountAsync(UsageTally tally, IReadOnlyDictionary<Guid, long> from, IReadOnlyDictionary<Guid, long> to, DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var work = new NpgsqlBatch(connection, transaction);
        var moves = new List<NpgsqlBatchCommand>();
        foreach (var (stream, before, after) in Moves(from, to))
        {
            moves.Add(before is { } known
                ? new("UPDATE usage_cursors SET seq = $2 WHERE stream_id = $1 AND seq = $3") { Parameters = { Of(stream), Of(after), Of(known) } }
                : new("INSERT INTO usage_cursors (stream_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING") { Parameters = { Of(stream), Of(after) } });
            work.BatchCommands.Add(moves[^1]);
        }

        if (moves.Count == 0) return true;
        AddCounts(work, tally, now);
        await work.ExecuteNonQueryAsync(ct);
        if (moves.Exists(static move => move.RecordsAffected != 1)) return false;
        await transaction.CommitAsync(ct);
        return true;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<HashSet<Guid>> InsertAsync(NpgsqlConnection connection, IReadOnlyList<ReportedBatch> batches, List<(int Batch, Guid Id, ReportedEvent Event)> rows, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                Of(Column(rows, static row => row.Id)),
                Of(Column(rows, row => batches[row.Batch].ProjectId)),
                Of(Column(rows, static row => row.Event.EventId)),
                Of(Column(rows, static row => row.Event.EventType)),
                Texts(Column(rows, static row => row.Event.Tool)),
                Texts(Column(rows, static row => row.Event.Decision)),
                Of(Column(rows, static row => row.Event.Timestamp.ToUniversalTime())),
                new NpgsqlParameter { Value = Column(rows, static row => row.Event.DecisionId), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                Of(Column(rows, row => batches[row.Batch].KeyId)),
                Texts(Column(rows, static row => row.Event.Outcome)),
                new NpgsqlParameter { Value = Column(rows, static row => row.Event.DurationMs), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                Texts(Column(rows, static row => row.Event.Metadata)),
                Of(now.ToUniversalTime()),
                Of(Column(rows, static row => row.Event.IsForAudit)),
            },
        };
        var added = new HashSet<Guid>(rows.Count);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) added.Add(reader.GetGuid(0));
        return added;
    }

    private static void AddCounts(NpgsqlBatch work, UsageTally tally, DateTimeOffset now)
    {
        if (tally.Daily.Count == 0) return;
        var daily = tally.Daily.ToList();
        work.BatchCommands.Add(new(Daily)
        {
            Parameters =
            {
                Of(Column(daily, static row => row.Key.OrganizationId)),
                Of(Column(daily, static row => row.Key.Day)),
                Of(Column(daily, static row => row.Key.ProjectId)),
                Of(Column(daily, static row => row.Key.Tool)),
                Of(Column(daily, static row => row.Key.Decision)),
                Of(Column(daily, static row => row.Key.Source)),
                Texts(Column(daily, static row => row.Key.Server)),
                Of(Column(daily, static row => row.Value)),
            },
        });
        var monthly = tally.Monthly.ToList();
        work.BatchCommands.Add(new(Monthly)
        {
            Parameters =
            {
                Of(Column(monthly, _ => Guid.CreateVersion7(now))),
                Of(Column(monthly, static row => row.Key)),
                Of(Column(monthly, static row => row.Value)),
                Of(now.UtcDateTime.Year),
                Of(now.UtcDateTime.Month),
                Of(now.ToUniversalTime()),
            },
        });
    }

    private static TValue[] Column<TRow, TValue>(List<TRow> rows, Func<TRow, TValue> value)
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++) column[i] = value(rows[i]);
        return column;
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Texts(string?[] values) => new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
