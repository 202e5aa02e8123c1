using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>The plans that exist from the start. An operator may change them; a later start leaves them as they are.</summary>
internal static class SeededPlans
{
    public static readonly Plan[] All =
    [
        new()
        {
            Id = Guid.Parse("01939000-0000-7000-8000-000000000001"), Code = Plan.Free, Name = "Free", Description = "For trying it, and for one person's agents.", Rank = 0,
            PriceMonthly = 0, PriceYearly = 0,
            Limits = new(MaxEvents: 10_000, MaxProjects: 1, AuditRetentionDays: 30, MaxAiGenerations: 3, PastLimit: PastLimit.Warn),
        },
        new()
        {
            Id = Guid.Parse("01939000-0000-7000-8000-000000000002"), Code = Plan.Pro, Name = "Pro", Description = "For teams: more events, as many projects as you like, longer audits.", Rank = 1,
            PriceMonthly = 29, PriceYearly = 290,
            Limits = new(MaxEvents: 100_000, MaxProjects: null, AuditRetentionDays: 90, MaxAiGenerations: 30, PastLimit: PastLimit.Bill, PricePerThousandEvents: 0.50m),
        },
        new()
        {
            Id = Guid.Parse("01939000-0000-7000-8000-000000000003"), Code = Plan.Enterprise, Name = "Enterprise", Description = "Without limits; agreed with the operator.", Rank = 2,
            PriceMonthly = null, PriceYearly = null,
            Limits = new(MaxEvents: null, MaxProjects: null, AuditRetentionDays: null, MaxAiGenerations: null, PastLimit: PastLimit.Warn),
        },
    ];

    /// <summary>Adds the plans that are missing. Copies that start at once add them once.</summary>
    public static async Task EnsureAsync(ShieldDb db, DateTimeOffset now, CancellationToken ct)
    {
        var known = await db.Plans.Select(static plan => plan.Code).ToListAsync(ct);
        foreach (var plan in All.Where(plan => !known.Contains(plan.Code)))
        {
            try
            {
                db.Plans.Add(plan);
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException failure) when (failure.IsUniqueViolation())
            {
                // Another copy was first.
            }
            finally
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    /// <summary>Adds a subscription of <paramref name="code"/> to what the next <c>SaveChanges</c> writes.</summary>
    public static async Task SubscribeAsync(ShieldDb db, Guid user, string code, DateTimeOffset now, CancellationToken ct)
    {
        var plan = await db.Plans.AsNoTracking().SingleAsync(plan => plan.Code == code, ct);
        db.Subscriptions.Add(new() { Id = Guid.CreateVersion7(now), UserId = user, PlanId = plan.Id, CurrentPeriodStart = now, CurrentPeriodEnd = now.AddMonths(1), CreatedAt = now });
    }
}
