namespace McpShield.Policy.Limits;

/// <summary>What counting one call came to.</summary>
/// <param name="IsAllowed">Whether the call may happen; it is counted then.</param>
/// <param name="RetryAfter">When a refused call could succeed; <c>null</c> when that is not known, because there is no room for its counter.</param>
public readonly record struct RateLimitAnswer(bool IsAllowed, TimeSpan? RetryAfter);

/// <summary>Where rate limits are counted: in this process, or in a place that all copies share. Each call is one atomic step of <see cref="Gcra"/>.</summary>
public interface IRateLimitStore
{
    /// <summary>Counts one call against <paramref name="counter"/>. Throws when the counters cannot be reached.</summary>
    ValueTask<RateLimitAnswer> TakeAsync(string counter, RateLimit limit, DateTimeOffset now, CancellationToken ct);
}
