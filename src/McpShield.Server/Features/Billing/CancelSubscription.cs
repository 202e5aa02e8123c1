using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Billing;

internal static class CancelSubscription
{
    public static void Map(RouteGroupBuilder billing) => billing.MapPost("/cancel", HandleAsync)
        .RequirePermission(Permission.ManageBilling)
        .IsRetryable()
        .WithName("billing.cancel")
        .WithSummary("End the subscription with the period that is paid")
        .WithDescription("Until then everything stays; then the free plan begins. Subscribing to the same plan takes it back.")
        .Refuses(StatusCodes.Status402PaymentRequired, "billing.payment-refused")
        .Refuses(StatusCodes.Status409Conflict, "billing.nothing-to-cancel", "billing.changed")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "billing.provider-unavailable");

    private static async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, IBillingProvider provider, TimeProvider clock, ILogger<PlanChange> logger, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var payer = await Payer.OfOrganizationAsync(db, caller.OrganizationId, ct);
        await BillingPeriods.CatchUpAsync(db, payer.UserId, now, ct);
        var found = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        if (Refusal(found) is { } refusal) return refusal;

        try
        {
            var theirs = found.Status == Subscription.Canceled ? null : await provider.CancelAsync(found, ct);
            return await Payer.HoldAsync(db, payer.UserId, () => ApplyAsync(db, caller, payer, found.Id, theirs, provider, now, ct), CancellationToken.None);
        }
        catch (BillingProviderException failure)
        {
            return BillingFeature.Refusal(failure, logger);
        }
    }

    private static async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> ApplyAsync(ShieldDb db, Caller caller, Payer payer, Guid found, ProviderSubscription? theirs, IBillingProvider provider, DateTimeOffset now, CancellationToken ct)
    {
        var current = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        if (Refusal(current) is { } refusal) return refusal;
        if (current.Id != found) return Problems.Conflict("billing.changed", "The subscription changed at the same moment; read it again and try once more.");
        if (current.Status != Subscription.Canceled)
        {
            (current.Status, current.CanceledAt) = (Subscription.Canceled, now);
            (current.NextPlanId, current.NextInterval) = (null, null);
            db.RecordFor(payer, caller, "subscription.canceled", ActionTarget.Of("subscription", current.Id), now, after: new JsonObject { ["plan"] = current.Plan!.Code, ["until"] = current.CurrentPeriodEnd });
            await BillingMail.AddAsync(db, payer, "subscription_canceled", $"Your {current.Plan.Name} plan ends", $"The {current.Plan.Name} plan of {payer.OrganizationName} ends on {current.CurrentPeriodEnd.UtcDateTime:yyyy-MM-dd}; then the free plan begins. Under Billing you can take this back until then.", now, ct);
            if (theirs is not null) await StripeSync.ApplyAsync(db, payer, (StripeBilling)provider, theirs, now, isTold: true, ct);
            await db.SaveChangesAsync(ct);
        }

        return TypedResults.Ok((await GetSubscription.ReadAsync(db, payer, now, ct)).Answer);
    }

    private static ProblemHttpResult? Refusal(Subscription current) =>
        current.Plan!.Code == Plan.Free ? Problems.Conflict("billing.nothing-to-cancel", "The free plan is in force; there is nothing to cancel.") : null;
}
