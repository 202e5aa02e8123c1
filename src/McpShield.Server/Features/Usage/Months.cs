using System.Globalization;

namespace McpShield.Server.Features.Usage;

/// <summary>Calendar months (UTC), which plans are counted by.</summary>
internal static class Months
{
    public static DateTimeOffset Of(DateTimeOffset moment) => new(moment.UtcDateTime.Year, moment.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When the month after that of <paramref name="moment"/> begins.</summary>
    public static DateTimeOffset After(DateTimeOffset moment) => Of(moment).AddMonths(1);

    /// <summary>For instance <c>2026-11</c>.</summary>
    public static string Name(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    public static double? Percent(long count, long? limit) => limit is { } most ? (most == 0 ? 100 : Math.Round(count * 100.0 / most, 1)) : null;
}
