using McpShield.Policy.Evaluation;
using McpShield.Policy.Limits;

namespace McpShield.Gateway.Enforcement;

/// <summary>Counts calls against the rate limits of rules, in this process. Safe for concurrent use.</summary>
public sealed class RateLimiter
{
    private const int MaxCounters = 100_000;

    private readonly Dictionary<string, (RateLimitState State, int Units)> counters = new(StringComparer.Ordinal);
    private readonly Lock counting = new();

    /// <summary>The decision, with its rate limit carried out: either it stands without that obligation, or it is a deny that says when to try again.</summary>
    public Decision Apply(Decision decision, DateTimeOffset now)
    {
        foreach (var obligation in decision.Obligations)
        {
            if (obligation is not RateLimitObligation limited) continue;
            var step = Count(limited, now);
            if (step is not { IsAllowed: true }) return Refusal(decision, step);
            decision = decision with { Obligations = decision.Obligations.Remove(obligation) };
        }

        return decision;
    }

    private static Decision Refusal(Decision decision, RateLimitStep? step) => decision with
    {
        Outcome = Outcome.Deny,
        Reason = Reason.RateLimited,
        Message = step is { } refused
            ? $"the rate limit of rule {decision.Rule} is used up; try again in {Math.Ceiling(refused.RetryAfter.TotalSeconds):0} seconds"
            : "too many rate limits are being counted; try again later",
        Obligations = [],
    };

    private RateLimitStep? Count(RateLimitObligation limited, DateTimeOffset now)
    {
        lock (counting)
        {
            var isKnown = counters.TryGetValue(limited.Counter, out var known);
            if (!isKnown && counters.Count >= MaxCounters && !MakeRoom(now)) return null;
            var step = Gcra.Step(limited.Limit, isKnown ? known.State : null, now);
            counters[limited.Counter] = (step.State, limited.Limit.Units);
            return step;
        }
    }

    // A counter whose time has passed says no more than none at all.
    private bool MakeRoom(DateTimeOffset now)
    {
        foreach (var (name, (state, units)) in counters)
        {
            if (state.Arrival <= (Int128)now.UtcTicks * units) counters.Remove(name);
        }

        return counters.Count < MaxCounters;
    }
}
