namespace McpShield.Policy.Limits;

/// <summary>Counters in the memory of this process. Safe for concurrent use.</summary>
public sealed class RateLimitTable : IRateLimitStore
{
    private const int MaxCounters = 100_000;

    private readonly Dictionary<string, (RateLimitState State, int Units)> counters = new(StringComparer.Ordinal);
    private readonly Lock counting = new();

    /// <inheritdoc/>
    public ValueTask<RateLimitAnswer> TakeAsync(string counter, RateLimit limit, DateTimeOffset now, CancellationToken ct) => new(Take(counter, limit, now));

    /// <summary>Counts one call against <paramref name="counter"/>.</summary>
    public RateLimitAnswer Take(string counter, RateLimit limit, DateTimeOffset now)
    {
        lock (counting)
        {
            var isKnown = counters.TryGetValue(counter, out var known);
            if (!isKnown && counters.Count >= MaxCounters && !MakeRoom_NeedsLock(now)) return new(false, null);
            var step = Gcra.Step(limit, isKnown ? known.State : null, now);
            counters[counter] = (step.State, limit.Units);
            return new(step.IsAllowed, step.RetryAfter);
        }
    }

    // A counter whose time has passed says no more than none at all.
    private bool MakeRoom_NeedsLock(DateTimeOffset now)
    {
        foreach (var (name, (state, units)) in counters)
        {
            if (state.Arrival <= (Int128)now.UtcTicks * units) counters.Remove(name);
        }

        return counters.Count < MaxCounters;
    }
}
