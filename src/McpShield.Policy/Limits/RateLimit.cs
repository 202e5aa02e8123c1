using System.Collections.Immutable;
using System.Globalization;

namespace McpShield.Policy.Limits;

/// <summary>What a rate limit counts apart.</summary>
public enum RateLimitPart
{
    /// <summary>Each rule.</summary>
    Rule,

    /// <summary>Each API key.</summary>
    Key,

    /// <summary>Each agent name.</summary>
    Agent,

    /// <summary>Each person.</summary>
    User,

    /// <summary>Each organization.</summary>
    Organization,

    /// <summary>Each session; calls without one count together, per key.</summary>
    Session,

    /// <summary>Each tool.</summary>
    Tool,

    /// <summary>Each server: the tool's name up to its first dot.</summary>
    Server,
}

/// <summary>So many calls a period, by GCRA (policy language, section 8).</summary>
/// <param name="Units">Calls a period, 1 to 1,000,000.</param>
/// <param name="Period">The period, a second to 366 days.</param>
/// <param name="Burst">Calls that may come at once, 1 to 1,000,000.</param>
/// <param name="Parts">What is counted apart.</param>
/// <param name="LocalOnStoreError">Whether a process counts by itself while shared counters cannot be reached; else such a call is denied.</param>
public sealed record RateLimit(int Units, TimeSpan Period, int Burst, ImmutableArray<RateLimitPart> Parts, bool LocalOnStoreError = false)
{
    private const int MaxUnits = 1_000_000;
    private static readonly TimeSpan MaxPeriod = TimeSpan.FromDays(366);

    /// <summary>Reads <c>60/1m</c>; <c>null</c> when it is not that.</summary>
    public static (int Units, TimeSpan Period)? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash > text.Length - 3 || !TryNumber(text.AsSpan(0, slash), out var units) || !TryNumber(text.AsSpan(slash + 1, text.Length - slash - 2), out var count)) return null;
        long? seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => null };
        if (seconds is null || units > MaxUnits || count * seconds > (long)MaxPeriod.TotalSeconds) return null;
        return (units, TimeSpan.FromSeconds(count * seconds.Value));
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0 && text[0] != '0';
}

/// <summary>What is kept of one counter.</summary>
/// <param name="Arrival">The theoretical arrival time (TAT), in ticks times <see cref="RateLimit.Units"/>: exact, whatever the units.</param>
/// <param name="LastSeen">The latest moment that was seen, in ticks.</param>
public readonly record struct RateLimitState(Int128 Arrival, long LastSeen);

/// <summary>What one step came to.</summary>
/// <param name="IsAllowed">Whether the call may happen.</param>
/// <param name="State">What to keep.</param>
/// <param name="RetryAfter">When a refused call could succeed; zero for one that may happen.</param>
public readonly record struct RateLimitStep(bool IsAllowed, RateLimitState State, TimeSpan RetryAfter);

/// <summary>The generic cell rate algorithm, as a pure step.</summary>
/// <remarks>A refused call consumes nothing, and a clock that steps back grants nothing.</remarks>
public static class Gcra
{
    /// <summary>One call at <paramref name="now"/>; <paramref name="before"/> is <c>null</c> when there was none yet.</summary>
    public static RateLimitStep Step(RateLimit limit, RateLimitState? before, DateTimeOffset now)
    {
        var ticks = before is { } seen ? Math.Max(seen.LastSeen, now.UtcTicks) : now.UtcTicks;
        var scaledNow = (Int128)ticks * limit.Units;
        var interval = (Int128)limit.Period.Ticks; // between two calls, times units
        var arrival = before is { } known ? Int128.Max(known.Arrival, scaledNow) : scaledNow;
        var excess = arrival - scaledNow - ((limit.Burst - 1) * interval);
        if (excess <= 0) return new(true, new(arrival + interval, ticks), TimeSpan.Zero);
        return new(false, new(arrival, ticks), TimeSpan.FromTicks((long)((excess + limit.Units - 1) / limit.Units)));
    }
}
