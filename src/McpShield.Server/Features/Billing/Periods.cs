namespace McpShield.Server.Features.Billing;

/// <summary>When paid periods begin and end. All in UTC.</summary>
internal static class Periods
{
    public const string Month = "month";
    public const string Year = "year";

    /// <summary>Periods begin on whole seconds: what is left of one is counted in them.</summary>
    public static DateTimeOffset Second(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    /// <summary>The end of the period that begins at <paramref name="start"/>, on the day of <paramref name="anchor"/> where the month has it.</summary>
    /// <remarks>INVARIANT: counted from the anchor, not from the last end: 31 January, 28 February, 31 March.</remarks>
    public static DateTimeOffset End(DateTimeOffset anchor, DateTimeOffset start, string interval)
    {
        var (first, from) = (anchor.ToUniversalTime(), start.ToUniversalTime());
        var step = interval == Year ? 12 : 1;
        var months = ((from.Year - first.Year) * 12) + from.Month - first.Month;
        var isOnGrid = months >= 0 && months % step == 0 && first.AddMonths(months) == from;
        return isOnGrid ? first.AddMonths(months + step) : from.AddMonths(step);
    }

    /// <summary>The calendar months that end after <paramref name="start"/> and not after <paramref name="end"/>: over periods that follow each other, each month once.</summary>
    public static IEnumerable<DateOnly> MonthsEndedIn(DateTimeOffset start, DateTimeOffset end)
    {
        for (var month = MonthOf(start); ; month = month.AddMonths(1))
        {
            var over = EndOf(month);
            if (over > end) yield break;
            if (over > start) yield return month;
        }
    }

    /// <summary>The first day of the calendar month (UTC) of <paramref name="time"/>.</summary>
    public static DateOnly MonthOf(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1);

    public static DateTimeOffset StartOf(DateOnly month) => new(month.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    public static DateTimeOffset EndOf(DateOnly month) => StartOf(month.AddMonths(1));
}
