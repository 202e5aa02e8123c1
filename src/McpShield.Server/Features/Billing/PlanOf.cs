using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>The plan that an organization is on: its owner's.</summary>
internal static class PlanOf
{
    /// <summary>The plan of <paramref name="organization"/>; whoever has no subscription is on the free plan.</summary>
    public static async Task<Plan> OrganizationAsync(ShieldDb db, Guid organization, CancellationToken ct)
    {
        var current = await db.Subscriptions.AsNoTracking()
            .Where(subscription => subscription.IsCurrent && db.Organizations.Any(one => one.Id == organization && one.OwnerUserId == subscription.UserId))
            .Select(static subscription => subscription.Plan).SingleOrDefaultAsync(ct);
        return current ?? await db.Plans.AsNoTracking().SingleAsync(static plan => plan.Code == Plan.Free, ct);
    }
}
