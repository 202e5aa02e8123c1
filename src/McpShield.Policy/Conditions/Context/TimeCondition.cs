using System.Globalization;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>time</c>: days and hours in a time zone. The end is excluded; a span may cross midnight, and <c>days</c> is the day of the moment itself.</summary>
internal sealed class TimeCondition(IReadOnlySet<DayOfWeek>? days, (TimeOnly From, TimeOnly To)? between, TimeZoneInfo zone) : Condition("time")
{
    private static readonly Dictionary<string, DayOfWeek> DayNames = new(StringComparer.Ordinal)
    {
        ["mon"] = DayOfWeek.Monday,
        ["tue"] = DayOfWeek.Tuesday,
        ["wed"] = DayOfWeek.Wednesday,
        ["thu"] = DayOfWeek.Thursday,
        ["fri"] = DayOfWeek.Friday,
        ["sat"] = DayOfWeek.Saturday,
        ["sun"] = DayOfWeek.Sunday,
    };

    public static Shape Shape { get; } = Shape.Map(
        "`time`",
        new("days", Shape.Words([.. DayNames.Keys]), "Days of the week, of the moment itself."),
        new("between", Shape.Matching("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"), "`HH:MM-HH:MM`; the end is excluded, and it may cross midnight."),
        new("tz", Shape.Text, "An IANA time zone; default UTC."))
        with
    {
        NeedsOneOf = ["days", "between"],
    };

    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (node is not YamlMap map) return null;
        var days = map.Find("days") is { } named ? NodeReader.Items(named).Select(NodeReader.Text).Where(static day => day is not null && DayNames.ContainsKey(day)).Select(static day => DayNames[day!]).ToHashSet() : null;
        return new TimeCondition(days, ReadSpan(map.Find("between"), scope), ReadZone(map.Find("tz"), scope) ?? TimeZoneInfo.Utc);
    }

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        if (call.Context.Time == default) return call.Meet(Truth.Error, DetailCode.Time, "the time of the call is unknown");
        var local = TimeZoneInfo.ConvertTime(call.Context.Time, zone);
        var holds = (days is null || days.Contains(local.DayOfWeek)) && (between is not { } span || IsWithin(span, TimeOnly.FromDateTime(local.DateTime)));
        return holds ? Truth.True : call.Meet(Truth.False, DetailCode.Time, "the time of the call is outside those of the rule");
    }

    private static bool IsWithin((TimeOnly From, TimeOnly To) span, TimeOnly time) =>
        span.From <= span.To ? time >= span.From && time < span.To : time >= span.From || time < span.To;

    private static (TimeOnly, TimeOnly)? ReadSpan(YamlNode? node, ConditionScope scope)
    {
        if (NodeReader.Text(node) is not { } text) return null;
        if (text.Split('-') is [var from, var to] && TryTime(from, out var start) && TryTime(to, out var end) && start != end) return (start, end);
        scope.Diagnostics.Error("time", $"`{text}` is not a span of time", node!, "write it like \"09:00-18:00\"");
        return null;
    }

    private static bool TryTime(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    private static TimeZoneInfo? ReadZone(YamlNode? node, ConditionScope scope)
    {
        if (NodeReader.Text(node) is not { } name) return null;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && (zone.HasIanaId || name == "UTC")) return zone;
        scope.Diagnostics.Error("time-zone", $"`{name}` is not a time zone", node!, "write an IANA name like `Europe/Paris`");
        return null;
    }
}
