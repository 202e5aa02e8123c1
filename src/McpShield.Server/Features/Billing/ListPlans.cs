using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

internal static class ListPlans
{
    public static void Map(RouteGroupBuilder billing) => billing.MapGet("/plans", HandleAsync)
        .ForAnyone()
        .WithName("billing.plans")
        .WithSummary("The plans that are offered, from the smallest to the largest");

    private static async Task<Ok<IReadOnlyList<PlanResponse>>> HandleAsync(ShieldDb db, CancellationToken ct)
    {
        var plans = await db.Plans.AsNoTracking().Where(static plan => plan.IsActive).OrderBy(static plan => plan.Rank).ThenBy(static plan => plan.Code).ToListAsync(ct);
        return TypedResults.Ok<IReadOnlyList<PlanResponse>>([.. plans.Select(static plan => plan.ToResponse())]);
    }
}
