using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Billing;

internal static class Subscribe
{
    public static void Map(RouteGroupBuilder billing) => billing.MapPost("/subscribe", HandleAsync)
        .RequirePermission(Permission.ManageBilling)
        .IsRetryable()
        .WithName("billing.subscribe")
        .WithSummary("Change the plan")
        .WithDescription("A larger plan or a longer interval begins at once, pro rata; a smaller one when the period that is paid ends. The plan in force, asked for again, takes a pending change or cancellation back.")
        .Refuses(StatusCodes.Status402PaymentRequired, "billing.payment-refused")
        .Refuses(StatusCodes.Status403Forbidden, "billing.by-agreement")
        .Refuses(StatusCodes.Status409Conflict, "billing.same-plan", "billing.changed")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "billing.provider-unavailable");

    private static async Task<Results<Ok<SubscribeResponse>, ProblemHttpResult>> HandleAsync(SubscribeRequest request, Caller caller, ShieldDb db, IBillingProvider provider, TimeProvider clock, ILogger<PlanChange> logger, CancellationToken ct)
    {
        var now = clock.GetMoment();
        var payer = await Payer.OfOrganizationAsync(db, caller.OrganizationId, ct);
        if (request.Confirm != false) await BillingPeriods.CatchUpAsync(db, payer.UserId, now, ct); // what is owed until now is settled under the plan that was in force
        var (change, refusal) = await ThinkAsync(db, payer, request.Plan, request.Interval, now, ct);
        if (refusal is not null) return refusal;
        var mustCheckOut = provider.MustCheckOut(change!);
        if (request.Confirm == false) return TypedResults.Ok(new SubscribeResponse("preview", change!.ToResponse(mustCheckOut), change.Warnings));

        try
        {
            if (mustCheckOut) return TypedResults.Ok(new SubscribeResponse("checkout", change!.ToResponse(isCheckout: true), change.Warnings, CheckoutUrl: await provider.CheckOutAsync(payer, change, ct)));
            var theirs = await provider.ChangeAsync(change!, ct);
            return await Payer.HoldAsync(db, payer.UserId, () => ApplyAsync(db, caller, payer, change!, theirs, provider, now, ct), CancellationToken.None); // the provider has done its part: ours must follow
        }
        catch (BillingProviderException failure)
        {
            return BillingFeature.Refusal(failure, logger);
        }
    }

    /// <summary>The change that is asked for, or why it is refused.</summary>
    public static async Task<(PlanChange? Change, ProblemHttpResult? Refusal)> ThinkAsync(ShieldDb db, Payer payer, string code, string interval, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Plans.SingleOrDefaultAsync(one => one.Code == code && one.IsActive, ct) is not { } plan) return (null, Problems.Invalid("plan", "is none that is offered; GET /billing/plans lists them"));
        var change = await PlanChange.MakeAsync(db, payer, plan, interval, Periods.Second(now), ct);
        return change.Kind switch
        {
            ChangeKind.ByAgreement => (null, Problems.Forbidden("billing.by-agreement", $"The {plan.Name} plan is agreed with the operator; ask for it there.")),
            ChangeKind.SamePlan => (null, Problems.Conflict("billing.same-plan", $"The {plan.Name} plan is in force already.")),
            _ => (change, null),
        };
    }

    // Once more, now that nobody else changes it: of two requests at once the second sees what the first has done.
    private static async Task<Results<Ok<SubscribeResponse>, ProblemHttpResult>> ApplyAsync(ShieldDb db, Caller caller, Payer payer, PlanChange asked, ProviderSubscription? theirs, IBillingProvider provider, DateTimeOffset now, CancellationToken ct)
    {
        var (change, refusal) = await ThinkAsync(db, payer, asked.Plan.Code, asked.Interval, now, ct);
        if (theirs is null && refusal is not null) return refusal;
        if (theirs is null && change!.Current.Provider != ManualBilling.ProviderName) return Problems.Conflict("billing.changed", "The subscription changed at the same moment; read it again and try once more.");

        // With a provider, its message about this very change may have been faster; then there is nothing left to think.
        change ??= asked;
        var current = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        var before = new JsonObject { ["plan"] = asked.Current.Plan!.Code, ["interval"] = asked.Current.Interval };
        Invoice? invoice = null;
        if (change.Kind == ChangeKind.AtOnce && theirs is null)
        {
            var next = Payer.Make(payer.UserId, change.Plan, change.Interval, change.EffectiveAt);
            await Payer.ReplaceAsync(db, payer, current, next, ct);
            invoice = await Invoices.AddAsync(db, payer, caller, next.Id, next.CurrentPeriodStart, next.CurrentPeriodEnd, change.Lines, now, ct);
            current = next;
        }
        else
        {
            (current.Status, current.CanceledAt) = (Subscription.Active, null);
            (current.NextPlanId, current.NextInterval) = change.Kind == ChangeKind.AtPeriodEnd ? (change.Plan.Id, change.Interval) : ((Guid?)null, (string?)null);
        }

        if (theirs is not null) current = await StripeSync.ApplyAsync(db, payer, (StripeBilling)provider, theirs, now, isTold: true, ct) ?? current;
        var (outcome, action) = change.Kind switch
        {
            ChangeKind.AtOnce => ("upgraded", "subscription.upgraded"),
            ChangeKind.AtPeriodEnd => ("downgrade_scheduled", "subscription.downgrade-scheduled"),
            _ => ("resumed", "subscription.resumed"),
        };
        db.RecordFor(payer, caller, action, ActionTarget.Of("subscription", current.Id), now, before: before, after: new JsonObject { ["plan"] = change.Plan.Code, ["interval"] = change.Interval, ["from"] = change.EffectiveAt });
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(new SubscribeResponse(outcome, change.ToResponse(isCheckout: false), change.Warnings, (await GetSubscription.ReadAsync(db, payer, now, ct)).Answer, invoice?.Id));
    }
}
