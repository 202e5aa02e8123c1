using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Billing;

internal static class PreviewPlan
{
    public static void Map(RouteGroupBuilder billing) => billing.MapGet("/preview", HandleAsync)
        .RequirePermission(Permission.ViewBilling)
        .WithName("billing.preview")
        .WithSummary("What a change of plan would cost, now and later, and what would no longer fit")
        .Takes(
            new ApiParameter("plan", "The plan's code, of `GET /billing/plans`.") { Example = "pro" },
            new ApiParameter("interval", "What is paid for at a time.") { Values = [Periods.Month, Periods.Year] })
        .Refuses(StatusCodes.Status403Forbidden, "billing.by-agreement")
        .Refuses(StatusCodes.Status409Conflict, "billing.same-plan");

    private static async Task<Results<Ok<PlanChangeResponse>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, IBillingProvider provider, TimeProvider clock, CancellationToken ct, string plan = "", string interval = Periods.Month)
    {
        if (interval is not (Periods.Month or Periods.Year)) return Problems.Invalid("interval", "must be month or year");
        var payer = await Payer.OfOrganizationAsync(db, caller.OrganizationId, ct);
        var (change, refusal) = await Subscribe.ThinkAsync(db, payer, plan, interval, clock.GetUtcNow(), ct);
        return refusal is not null ? refusal : TypedResults.Ok(change!.ToResponse(provider.MustCheckOut(change)));
    }
}
