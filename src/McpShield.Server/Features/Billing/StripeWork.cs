using System.Globalization;
using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>What Stripe does not do by itself: events beyond the limit come on the next invoice, and a subscription whose messages were lost is looked up.</summary>
internal sealed class StripeWork(ShieldDb db, StripeBilling stripe, DateTimeOffset now)
{
    private const int MostAtOnce = 200;

    // The last events of a month are still being counted when it ends; a message may be on its way when a period does.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public async Task RunAsync(Func<Guid, Func<Task>, Task> tryAsync, CancellationToken ct)
    {
        var late = now - Grace;
        var silent = await Live().Where(one => one.CurrentPeriodEnd <= late).OrderBy(static one => one.CurrentPeriodEnd).Select(static one => new { one.UserId, one.ProviderSubscriptionId }).Take(MostAtOnce).ToListAsync(ct);
        foreach (var one in silent) await tryAsync(one.UserId, () => LookAsync(one.UserId, one.ProviderSubscriptionId!, ct));

        var month = Periods.MonthOf(late).AddMonths(-1);
        var over = Periods.EndOf(month);
        foreach (var user in await Live().Where(one => one.CreatedAt < over && db.UsageMonthly.Any(usage => usage.UserId == one.UserId && usage.Year == month.Year && usage.Month == month.Month)).Select(static one => one.UserId).ToListAsync(ct))
        {
            await tryAsync(user, () => BillAsync(user, month, ct));
        }
    }

    /// <summary>Puts a month's events beyond the limit on the next invoice, once.</summary>
    public async Task BillAsync(Guid user, DateOnly month, CancellationToken ct)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"overage {user:N} {month:yyyy-MM}");
        db.ChangeTracker.Clear();
        if (await db.BillingEvents.AnyAsync(one => one.Id == key, ct)) return;
        var current = await Payer.CurrentAsync(db, user, now, ct);
        foreach (var line in await Overage.LinesAsync(db, user, current.Plan!.Limits, [month], ct)) await stripe.AddLineAsync(current, line, key, ct);
        db.BillingEvents.Add(new() { Id = key, Type = "overage", ReceivedAt = now });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            // Another worker was as fast; the key at Stripe kept it one line.
        }
    }

    private async Task LookAsync(Guid user, string id, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        if (await Payer.OfUserAsync(db, user, ct) is not { } payer) return;
        var theirs = await stripe.FetchAsync(id, ct) ?? throw new BillingProviderException($"subscription {id} is not known to Stripe");
        await Payer.HoldAsync(db, user, async () => await StripeSync.ApplyAsync(db, payer, stripe, theirs, now, isTold: false, ct) is not null, ct);
    }

    private IQueryable<Subscription> Live() => db.Subscriptions.AsNoTracking().Where(static one => one.IsCurrent && one.Provider == StripeBilling.ProviderName && one.ProviderSubscriptionId != null);
}
