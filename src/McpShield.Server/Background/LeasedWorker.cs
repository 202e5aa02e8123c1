using McpShield.Data;
using McpShield.Data.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Background;

/// <summary>How a piece of background work is done.</summary>
/// <param name="Lease">Its name: one process at a time does it.</param>
/// <param name="Interval">How long to rest when nothing waits.</param>
/// <param name="IsDrainedAtStop">Whether a last look is taken when the process is asked to stop.</param>
internal sealed record WorkPlan(string Lease, TimeSpan Interval, bool IsDrainedAtStop = false);

/// <summary>Work that one process at a time does, whoever holds its lease.</summary>
/// <remarks>
/// A holder that hangs loses its lease, and then two do the same for a while: the work must bear that. What fails is tried again at the next turn.
/// </remarks>
internal abstract partial class LeasedWorker(WorkPlan plan, ShieldDatabase database, TimeProvider clock, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan MinLease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(30);

    private readonly Guid holder = Guid.CreateVersion7(clock.GetUtcNow());
    private readonly TimeSpan leaseTime = plan.Interval * 2 > MinLease ? plan.Interval * 2 : MinLease;
    private long? heldSince;
    private bool hasFailed;

    protected ShieldDatabase Database { get; } = database;

    protected TimeProvider Clock { get; } = clock;

    /// <summary>One turn.</summary>
    /// <returns>Whether more waits, so that the next turn follows at once.</returns>
    protected abstract Task<bool> WorkAsync(CancellationToken ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var hasMore = await TakeTurnAsync(stoppingToken);
            if (hasMore) continue;
            try
            {
                await Task.Delay((heldSince is null || hasFailed) && plan.Interval > MaxRetry ? MaxRetry : plan.Interval, Clock, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await EndAsync();
    }

    private async Task<bool> TakeTurnAsync(CancellationToken ct)
    {
        try
        {
            var hasMore = await HoldsAsync(ct) && await WorkAsync(ct);
            hasFailed = false;
            return hasMore;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure)
        {
            // Said once, not twice a second for as long as a server is away.
            if (!hasFailed) Log.Failed(logger, failure, plan.Lease);
            hasFailed = true;
            return false;
        }
    }

    private async Task<bool> HoldsAsync(CancellationToken ct)
    {
        if (heldSince is { } since && Clock.GetElapsedTime(since) < leaseTime / 4) return true;
        var asked = Clock.GetTimestamp();
        await using var db = Database.Open();
        var holds = await Leases.TryHoldAsync(db, plan.Lease, holder, Clock.GetUtcNow(), leaseTime, ct);
        heldSince = holds ? asked : null;
        return holds;
    }

    private async Task EndAsync()
    {
        if (heldSince is null) return;
        using var patience = new CancellationTokenSource(LastLook);
        try
        {
            while (plan.IsDrainedAtStop && await WorkAsync(patience.Token))
            {
                // Until nothing waits.
            }

            await using var db = Database.Open();
            await Leases.ReleaseAsync(db, plan.Lease, holder, patience.Token);
        }
        catch (Exception failure)
        {
            Log.NotEnded(logger, failure, plan.Lease);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(440, LogLevel.Error, "Background work `{Work}` failed; it is tried again until it succeeds")]
        public static partial void Failed(ILogger logger, Exception failure, string work);

        [LoggerMessage(441, LogLevel.Warning, "Background work `{Work}` did not end in order; another process goes on with it when the lease runs out")]
        public static partial void NotEnded(ILogger logger, Exception failure, string work);
    }
}
