using System.Text.Json.Nodes;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>What happens when a period ends, where our rows are the truth: renewed, changed as asked for before, or over; and its invoice.</summary>
internal static class BillingPeriods
{
    /// <summary>Ends every period of a payer that is over, one after the other, however many were missed.</summary>
    public static async Task CatchUpAsync(ShieldDb db, Guid user, DateTimeOffset now, CancellationToken ct)
    {
        // A moment apart: what is made of several periods stands in their order.
        for (var moment = now; await IsDueAsync(db, user, now, ct) && await EndOneAsync(db, user, moment, ct);) moment = moment.AddMilliseconds(1);

        db.ChangeTracker.Clear();
    }

    private static Task<bool> IsDueAsync(ShieldDb db, Guid user, DateTimeOffset now, CancellationToken ct) =>
        db.Subscriptions.AnyAsync(one => one.UserId == user && one.IsCurrent && one.Provider == ManualBilling.ProviderName && one.CurrentPeriodEnd <= now, ct);

    // INVARIANT: the period moves and its invoice is made in one transaction that nobody else of this payer is in: of two workers at once, the second finds it moved.
    private static Task<bool> EndOneAsync(ShieldDb db, Guid user, DateTimeOffset now, CancellationToken ct) => Payer.HoldAsync(db, user, async () =>
    {
        if (!await IsDueAsync(db, user, now, ct) || await Payer.OfUserAsync(db, user, ct) is not { } payer) return false;
        var current = await Payer.CurrentAsync(db, user, now, ct);
        var (start, end, old) = (current.CurrentPeriodStart, current.CurrentPeriodEnd, current.Plan!);
        var isCanceled = current.Status == Subscription.Canceled;
        var plan = isCanceled ? await db.Plans.SingleAsync(static one => one.Code == Plan.Free, ct)
            : current.NextPlanId is { } nextId ? await db.Plans.SingleAsync(one => one.Id == nextId, ct) : old;
        var interval = isCanceled ? Periods.Month : current.NextInterval ?? current.Interval;

        var next = current;
        if (isCanceled || plan.Id != old.Id || interval != current.Interval)
        {
            next = Payer.Make(user, plan, interval, end);
            await Payer.ReplaceAsync(db, payer, current, next, ct);
            Tell(db, payer, next, old, isCanceled, now);
        }
        else
        {
            current.CurrentPeriodStart = end;
            current.CurrentPeriodEnd = Periods.End(current.CreatedAt, end, interval);
        }

        var charge = PlanChange.Charge(plan, interval, end, next.CurrentPeriodEnd);
        var overage = await Overage.LinesAsync(db, user, old.Limits, Overage.MonthsDue(start, end, plan.Limits), ct);
        var lines = await Invoices.WithCreditAsync(db, user, charge is null ? overage : [charge, .. overage], ct);
        if (charge is not null) await Invoices.AddAsync(db, payer, caller: null, next.Id, end, next.CurrentPeriodEnd, lines, now, ct);
        else await Invoices.AddAsync(db, payer, caller: null, current.Id, start, end, lines, now, ct);
        return true;
    }, ct);

    private static void Tell(ShieldDb db, Payer payer, Subscription next, Plan old, bool isCanceled, DateTimeOffset now) => db.RecordSystem(
        payer, isCanceled ? "subscription.expired" : "subscription.downgraded", ActionTarget.Of("subscription", next.Id), now,
        before: new JsonObject { ["plan"] = old.Code }, after: new JsonObject { ["plan"] = next.Plan!.Code, ["interval"] = next.Interval });
}
