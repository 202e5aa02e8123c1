namespace McpShield.Server.Features.Billing;

/// <summary>US dollars: decimal, rounded half away from zero to cents, once a line.</summary>
internal static class Money
{
    public static decimal Cents(decimal amount) => decimal.Round(amount, 2, MidpointRounding.AwayFromZero);

    /// <summary>What of <paramref name="paid"/> is left of a period at <paramref name="now"/>, to the second.</summary>
    public static decimal Unused(decimal paid, DateTimeOffset start, DateTimeOffset end, DateTimeOffset now)
    {
        var whole = Seconds(start, end);
        if (whole <= 0) return 0;
        return Cents(paid * Math.Clamp(Seconds(now, end), 0, whole) / whole);
    }

    /// <summary>The rest of it: what has been used. Together they are what was paid, to the cent.</summary>
    public static decimal Used(decimal paid, DateTimeOffset start, DateTimeOffset end, DateTimeOffset now) => paid - Unused(paid, start, end, now);

    private static long Seconds(DateTimeOffset from, DateTimeOffset until) => (until - from).Ticks / TimeSpan.TicksPerSecond;
}
