using McpShield.Data;
using McpShield.Data.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Billing;

/// <summary>Ends the periods that are over, every minute, in one process at a time.</summary>
internal sealed partial class BillingWorker(ShieldDatabase database, IServiceProvider services, TimeProvider clock, ILogger<BillingWorker> logger) : BackgroundService
{
    private const string LeaseName = "billing";
    private const int MostAtOnce = 1_000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(5);

    private readonly Guid holder = Guid.CreateVersion7(clock.GetUtcNow());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Log.Failed(logger, failure); // a database that is away comes back; the next minute tries again
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var db = database.Open();
            await Leases.ReleaseAsync(db, LeaseName, holder, cancellationToken);
        }
        catch (Exception failure) when (failure is System.Data.Common.DbException or OperationCanceledException)
        {
            // It runs out by itself.
        }
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = database.Open();
        if (!await Leases.TryHoldAsync(db, LeaseName, holder, now, LeaseDuration, ct)) return;

        var due = await db.Subscriptions.AsNoTracking().Where(one => one.IsCurrent && one.Provider == ManualBilling.ProviderName && one.CurrentPeriodEnd <= now)
            .OrderBy(static one => one.CurrentPeriodEnd).Select(static one => one.UserId).Take(MostAtOnce).ToListAsync(ct);
        foreach (var user in due)
        {
            await TryAsync(user, () => BillingPeriods.CatchUpAsync(db, user, now, ct));
            if (!await Leases.TryHoldAsync(db, LeaseName, holder, clock.GetUtcNow(), LeaseDuration, ct)) return;
        }

        if (services.GetService<StripeBilling>() is { } stripe) await new StripeWork(db, stripe, now).RunAsync(TryAsync, ct);
    }

    // One payer whose books are wrong must not keep the others waiting.
    private async Task TryAsync(Guid user, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.PayerFailed(logger, failure, user);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(473, LogLevel.Error, "The billing worker failed; it tries again in a minute")]
        public static partial void Failed(ILogger logger, Exception failure);

        [LoggerMessage(474, LogLevel.Error, "The billing of user {User} failed; it is tried again in a minute")]
        public static partial void PayerFailed(ILogger logger, Exception failure, Guid user);
    }
}
