namespace McpShield.Web.Components;

/// <summary>How long ago, in words.</summary>
internal static class Ago
{
    public static string Text(DateTimeOffset time, DateTimeOffset now) => (now - time) switch
    {
        { TotalSeconds: < -45 } => "in " + Span(time - now),
        { TotalSeconds: < 45 } => "just now",
        { TotalDays: > 60 } => time.UtcDateTime.ToString("d MMM yyyy", System.Globalization.CultureInfo.InvariantCulture),
        var past => Span(past) + " ago",
    };

    private static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1.5 } => "a minute",
        { TotalMinutes: < 60 } => $"{(int)Math.Round(span.TotalMinutes)} minutes",
        { TotalHours: < 1.5 } => "an hour",
        { TotalHours: < 24 } => $"{(int)Math.Round(span.TotalHours)} hours",
        { TotalDays: < 1.5 } => "a day",
        _ => $"{(int)Math.Round(span.TotalDays)} days",
    };
}
