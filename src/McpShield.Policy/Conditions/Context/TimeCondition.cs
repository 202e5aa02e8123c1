using System.Globalization;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>time</c>: days and hours in a time zone. The end is excluded; a span may cross midnight, and <c>days</c> is the day of the moment itself.</summary>
internal sealed class TimeCondition(IReadOnlySet<DayOfWeek>? days, (TimeOnly From, TimeOnly To)? between, TimeZoneInfo zone) : Condition("time")
{
    private static readonly string[] Keys = ["days", "between", "tz"];

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

    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Map(node, key.Text) is not { } map) return null;
        HashSet<DayOfWeek>? days = null;
        (TimeOnly, TimeOnly)? between = null;
        var zone = TimeZoneInfo.Utc;
        foreach (var (name, value) in map.Entries)
        {
            switch (name.Text)
            {
                case "days":
                    days = ReadDays(value, scope);
                    break;
                case "between":
                    between = ReadSpan(value, scope);
                    break;
                case "tz":
                    zone = ReadZone(value, scope) ?? zone;
                    break;
                default:
                    scope.Read.UnknownKey(name, "`time`", Keys);
                    break;
            }
        }

        if (map.Entries.All(static entry => entry.Key.Text is not ("days" or "between"))) scope.Read.Diagnostics.Error("missing-key", "`time` needs `days` or `between`", node);
        return new TimeCondition(days, between, zone);
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

    private static HashSet<DayOfWeek>? ReadDays(YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Texts(node, "days") is not { } texts) return null;
        var days = new HashSet<DayOfWeek>();
        foreach (var (text, at) in texts)
        {
            if (scope.Read.Word(at, "days", [.. DayNames.Keys]) is not null) days.Add(DayNames[text]);
        }

        return days;
    }

    private static (TimeOnly, TimeOnly)? ReadSpan(YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Text(node, "between") is not { } text) return null;
        if (text.Split('-') is [var from, var to] && TryTime(from, out var start) && TryTime(to, out var end) && start != end) return (start, end);
        scope.Read.Diagnostics.Error("time", $"`{text}` is not a span of time", node, "write it like \"09:00-18:00\"");
        return null;
    }

    private static bool TryTime(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    private static TimeZoneInfo? ReadZone(YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Text(node, "tz") is not { } name) return null;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && (zone.HasIanaId || name == "UTC")) return zone;
        scope.Read.Diagnostics.Error("time-zone", $"`{name}` is not a time zone", node, "write an IANA name like `Europe/Paris`");
        return null;
    }
}
