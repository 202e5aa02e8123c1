using System.Text.Json.Nodes;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Makes our rows say what Stripe has. The same for every message and every call of ours, so that their order does not matter.</summary>
internal static class StripeSync
{
    /// <summary>Inside <see cref="Payer.HoldAsync"/>. Returns the subscription in force; <c>null</c>: it is none of ours to follow.</summary>
    public static async Task<Subscription?> ApplyAsync(ShieldDb db, Payer payer, StripeBilling stripe, ProviderSubscription theirs, DateTimeOffset now, bool isTold, CancellationToken ct)
    {
        var current = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        var isOurs = current.Provider == StripeBilling.ProviderName && current.ProviderSubscriptionId == theirs.Id;
        if (!theirs.IsBegun) return null;
        if (!theirs.IsLive) return isOurs ? await EndAsync(db, payer, current, now, ct) : null;
        if (stripe.PlanOf(theirs.PriceId) is not var (code, interval)) throw new BillingProviderException($"price {theirs.PriceId} of subscription {theirs.Id} is no plan's: set STRIPE_PRICE_<PLAN>_<MONTH or YEAR>");

        var plan = await db.Plans.SingleOrDefaultAsync(one => one.Code == code, ct) ?? throw new BillingProviderException($"there is no plan `{code}`, though price {theirs.PriceId} is set for it");
        if (!isOurs || current.PlanId != plan.Id || current.Interval != interval)
        {
            var next = Payer.Make(payer.UserId, plan, interval, theirs.PeriodStart);
            (next.Provider, next.ProviderCustomerId, next.ProviderSubscriptionId, next.CreatedAt) = (StripeBilling.ProviderName, theirs.CustomerId, theirs.Id, Periods.Second(now));
            var isUpgrade = plan.Rank > current.Plan!.Rank || (plan.Id == current.PlanId && interval == Periods.Year);
            await Payer.ReplaceAsync(db, payer, current, next, ct);
            if (!isTold) db.RecordSystem(payer, isUpgrade ? "subscription.upgraded" : "subscription.downgraded", ActionTarget.Of("subscription", next.Id), now, before: Facts(current), after: Facts(next));
            current = next;
        }

        (current.CurrentPeriodStart, current.CurrentPeriodEnd) = (theirs.PeriodStart, theirs.PeriodEnd);
        await FollowPendingAsync(db, payer, current, theirs, now, isTold, ct);
        return current;
    }

    // What waits for the period's end: Stripe knows that there is something, our row what.
    private static async Task FollowPendingAsync(ShieldDb db, Payer payer, Subscription current, ProviderSubscription theirs, DateTimeOffset now, bool isTold, CancellationToken ct)
    {
        var free = await db.Plans.Where(static plan => plan.Code == Plan.Free).Select(static plan => plan.Id).SingleAsync(ct);
        var isDowngrade = theirs.HasSchedule || (theirs.EndsWithPeriod && current.NextPlanId == free);
        if (!isDowngrade) (current.NextPlanId, current.NextInterval) = (null, null);
        var isCanceled = theirs.EndsWithPeriod && current.NextPlanId is null;
        if (isCanceled == (current.Status == Subscription.Canceled)) return;
        (current.Status, current.CanceledAt) = isCanceled ? (Subscription.Canceled, now) : (Subscription.Active, (DateTimeOffset?)null);
        if (!isTold) db.RecordSystem(payer, isCanceled ? "subscription.canceled" : "subscription.resumed", ActionTarget.Of("subscription", current.Id), now, after: Facts(current));
    }

    private static async Task<Subscription> EndAsync(ShieldDb db, Payer payer, Subscription current, DateTimeOffset now, CancellationToken ct)
    {
        var next = Payer.Make(payer.UserId, await db.Plans.SingleAsync(static plan => plan.Code == Plan.Free, ct), Periods.Month, Periods.Second(now));
        await Payer.ReplaceAsync(db, payer, current, next, ct);
        db.RecordSystem(payer, "subscription.expired", ActionTarget.Of("subscription", next.Id), now, before: Facts(current), after: Facts(next));
        return next;
    }

    private static JsonObject Facts(Subscription subscription) => new() { ["plan"] = subscription.Plan!.Code, ["interval"] = subscription.Interval };
}
