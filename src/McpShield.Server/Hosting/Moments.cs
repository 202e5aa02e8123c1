namespace McpShield.Server.Hosting;

/// <summary>Time as every database keeps it: an answer to a change says what later answers say.</summary>
internal static class Moments
{
    /// <summary>Now, in whole microseconds.</summary>
    public static DateTimeOffset GetMoment(this TimeProvider clock) => clock.GetUtcNow().InMicroseconds();

    /// <summary>The moment without what PostgreSQL would cut off.</summary>
    public static DateTimeOffset InMicroseconds(this DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
