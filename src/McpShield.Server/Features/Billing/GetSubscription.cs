using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

internal static class GetSubscription
{
    public static void Map(RouteGroupBuilder billing) => billing.MapGet("/subscription", HandleAsync)
        .RequirePermission(Permission.ViewBilling)
        .WithName("billing.subscription")
        .WithSummary("The plan of an organization, and what of it is used")
        .WithDescription("The plan is its owner's. `organization_id` names an organization that you are a member of; without it, your own.");

    private static async Task<Ok<SubscriptionResponse>> HandleAsync(Caller caller, ShieldDb db, IBillingProvider provider, TimeProvider clock, CancellationToken ct)
    {
        var payer = await Payer.OfOrganizationAsync(db, caller.OrganizationId, ct);
        var (current, answer) = await ReadAsync(db, payer, clock.GetUtcNow(), ct);
        return TypedResults.Ok(answer with { ManageUrl = await provider.ManageUrlAsync(current, ct) });
    }

    /// <summary>The subscription as the API shows it, without the page where payment data are managed.</summary>
    public static async Task<(Subscription Current, SubscriptionResponse Answer)> ReadAsync(ShieldDb db, Payer payer, DateTimeOffset now, CancellationToken ct)
    {
        var current = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        var isKept = db.Entry(current).State != EntityState.Added;
        var next = current.NextPlanId is { } nextId ? await db.Plans.SingleAsync(plan => plan.Id == nextId, ct) : null;
        if (current.Status == Subscription.Canceled) next = await db.Plans.SingleAsync(static plan => plan.Code == Plan.Free, ct);

        var usage = await PlanUsage.ReadAsync(db, payer, now, ct);
        var limits = current.Plan!.Limits;
        var thousands = Overage.Thousands(limits, usage.Events);
        return (current, new(
            isKept ? current.Id : null, current.Plan.ToResponse(), current.Status, current.Interval, current.CurrentPeriodStart, current.CurrentPeriodEnd,
            next?.Code, next is null ? null : current.NextInterval ?? current.Interval,
            usage.Against(limits),
            limits is { PastLimit: PastLimit.Bill, PricePerThousandEvents: { } price } ? new(Overage.Beyond(limits, usage.Events), thousands, Money.Cents(thousands * price)) : null,
            await Invoices.CreditAsync(db, payer.UserId, ct),
            next is null ? [] : [.. usage.NoLongerFits(current.Plan, next)],
            current.Provider, ManageUrl: null));
    }
}
