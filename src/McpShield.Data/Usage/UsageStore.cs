namespace McpShield.Data.Usage;

/// <summary>Writes events and counters, many requests a transaction. Keeps a connection; for one caller at a time.</summary>
/// <remarks>
/// INVARIANT: an event and its counts are one transaction, and only an event that was not there before counts. A month counts what was received in
/// it, a day what happened on it: a plan's limit is held against the month of receipt, whatever a client says of the time.
/// </remarks>
public abstract class UsageStore : IAsyncDisposable
{
    private protected UsageStore()
    {
    }

    /// <summary>The store of <paramref name="database"/>, for one writer.</summary>
    public static UsageStore Open(ShieldDatabase database) => database.Postgres is { } source ? new PostgresUsageStore(source) : new SqliteUsageStore(database.Open());

    /// <summary>Writes events that clients told, and counts the new ones.</summary>
    /// <returns>An answer for each batch.</returns>
    /// <exception cref="System.Data.Common.DbException">Nothing was written.</exception>
    public abstract Task<IReadOnlyList<BatchAnswer>> AddAsync(IReadOnlyList<ReportedBatch> batches, DateTimeOffset now, CancellationToken ct);

    /// <summary>Counts decisions of the gateway, and moves the cursors past them.</summary>
    /// <returns>Whether it was counted; not when somebody else has moved a cursor in the meantime.</returns>
    public abstract Task<bool> CountAsync(UsageTally tally, IReadOnlyDictionary<Guid, long> from, IReadOnlyDictionary<Guid, long> to, DateTimeOffset now, CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>The cursors that differ.</summary>
    private protected static IEnumerable<(Guid Stream, long? Before, long After)> Moves(IReadOnlyDictionary<Guid, long> from, IReadOnlyDictionary<Guid, long> to)
    {
        foreach (var (stream, seq) in to.OrderBy(static one => one.Key))
        {
            long? before = from.TryGetValue(stream, out var known) ? known : null;
            if (before != seq) yield return (stream, before, seq);
        }
    }

    private protected static IEnumerable<Guid> Organizations(IReadOnlyList<ReportedBatch> batches) => batches.Select(static batch => batch.OrganizationId).Distinct();

    /// <summary>A row of an event; the batch it came with is named by its place.</summary>
    private protected static IEnumerable<(int Batch, Guid Id, ReportedEvent Event)> Rows(IReadOnlyList<ReportedBatch> batches, DateTimeOffset now)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            foreach (var one in batches[i].Events) yield return (i, Guid.CreateVersion7(now), one);
        }
    }

    private protected static void Count(UsageTally tally, ReportedBatch batch, ReportedEvent added)
    {
        // Ours was counted when it was decided.
        if (added.DecisionId is null) tally.Add(batch.OrganizationId, batch.ProjectId, added.Timestamp, added.Tool, added.Decision, "reported");
    }
}
