using System.Collections.Concurrent;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Features.Billing;

namespace McpShield.Server.Features.Usage;

/// <summary>Plans of organizations, at most a second old: what thousands of requests a second need to know.</summary>
internal sealed class PlanCache(ShieldDatabase database, TimeProvider clock)
{
    private const int MaxKnown = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, (Plan Plan, long ReadAt)> known = [];

    public async ValueTask<Plan> GetAsync(Guid organization, CancellationToken ct)
    {
        if (known.TryGetValue(organization, out var one) && clock.GetElapsedTime(one.ReadAt) < Lifetime) return one.Plan;
        var readAt = clock.GetTimestamp();
        await using var db = database.Open();
        var plan = await PlanOf.OrganizationAsync(db, organization, ct);
        if (known.Count >= MaxKnown) known.Clear();
        known[organization] = (plan, readAt);
        return plan;
    }
}
