using System.Globalization;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>The circumstances: who, where, when, and what the session has gathered.</summary>
internal sealed class ContextRegions
{
    private readonly SortedDictionary<string, SortedSet<string>> principals = new(StringComparer.Ordinal);
    private readonly SortedSet<string> environments = new(StringComparer.Ordinal);
    private readonly SortedSet<string> labels = new(StringComparer.Ordinal);
    private readonly List<IpRange> addresses = [];
    private readonly SortedDictionary<string, SortedSet<int>> calls = new(StringComparer.Ordinal);
    private readonly SortedSet<string> zones = new(StringComparer.Ordinal);
    private readonly SortedSet<TimeOnly> times = [];
    private readonly HashSet<string> others = new(StringComparer.Ordinal);
    private bool hasTime;

    public void Add(string key, YamlNode value)
    {
        var map = value as YamlMap;
        switch (key)
        {
            case "principal":
                foreach (var (kind, names) in map!.Entries) Set(principals, kind.Text).UnionWith(ValueLists.Texts(names));
                break;
            case "environment":
                environments.UnionWith(ValueLists.Texts(value));
                break;
            case "session_labels":
                foreach (var (_, names) in map!.Entries) labels.UnionWith(ValueLists.Texts(names));
                break;
            case "client_ip":
                addresses.AddRange(ValueLists.Texts(value).Select(static text => IpRange.Parse(text, out _)).OfType<IpRange>());
                break;
            case "calls_in_session":
                if (!calls.TryGetValue(NodeReader.Text(map!.Find("tool"))!, out var counts)) calls[NodeReader.Text(map.Find("tool"))!] = counts = [];
                counts.Add((int)(NodeReader.Integer(map.Find("max")) ?? 0));
                break;
            case "time":
                hasTime = true;
                zones.Add(NodeReader.Text(map!.Find("tz")) ?? "UTC");
                foreach (var end in (NodeReader.Text(map.Find("between")) ?? "").Split('-', StringSplitOptions.RemoveEmptyEntries)) times.Add(TimeOnly.ParseExact(end, "HH:mm", CultureInfo.InvariantCulture));
                break;
            default:
                others.Add($"`{key}` cannot be told by examples");
                break;
        }
    }

    public IEnumerable<Dimension> Build(HashSet<string> unproved)
    {
        unproved.UnionWith(others);
        foreach (var (kind, names) in principals)
        {
            yield return kind is "roles" or "scopes"
                ? Sets(kind, names, unproved, kind == "roles" ? static (who, some) => who with { Roles = [.. some] } : static (who, some) => who with { Scopes = [.. some] })
                : Names(kind, names, unproved);
        }

        if (environments.Count > 0) yield return new("environment", [.. ((string?[])["dev", "staging", "prod", null]).Select(Environment)]);
        if (labels.Count > 0) yield return SetsOf("labels", labels, unproved, static (sketch, some) => sketch.Context = sketch.Context with { Session = sketch.Context.Session with { Labels = some.ToHashSet(StringComparer.Ordinal) } });
        if (addresses.Count > 0) yield return new("client_ip", [.. Addresses.At(addresses).Append(null).Distinct(StringComparer.Ordinal).Select(ClientIp)]);
        foreach (var (pattern, counts) in calls) yield return Calls(pattern, counts);
        if (calls.Count > 1) unproved.Add("`calls_in_session` of several tools may count the same calls");
        if (hasTime) yield return Times(unproved);
    }

    private static Action<Sketch> Environment(string? name) => sketch => sketch.Context = sketch.Context with { Environment = name };

    private static Action<Sketch> ClientIp(string? address) => sketch => sketch.Context = sketch.Context with { ClientIp = address };

    private static Dimension Calls(string pattern, SortedSet<int> counts)
    {
        var tool = pattern.Replace('*', 'z').Replace('?', 'z');
        return new("calls", [.. counts.SelectMany(static max => (int[])[max - 1, max]).Append(0).Distinct().Select<int, Action<Sketch>>(count => sketch =>
            sketch.Context = sketch.Context with { Session = sketch.Context.Session with { Calls = new Dictionary<string, int>(sketch.Context.Session.Calls, StringComparer.Ordinal) { [tool] = count } } })]);
    }

    private static Dimension Names(string kind, SortedSet<string> globs, HashSet<string> unproved)
    {
        var names = GlobCells.Of(globs, "z", static _ => true);
        if (names is null) unproved.Add($"the patterns of `{kind}` overlap in too many ways");
        return new(kind, [.. (names ?? [.. globs]).Append("").Distinct(StringComparer.Ordinal).Select<string, Action<Sketch>>(name => sketch =>
        {
            var who = sketch.Context.Principal;
            sketch.Context = sketch.Context with
            {
                Principal = kind switch { "agents" => who with { Agent = name }, "users" => who with { User = name }, "keys" => who with { Key = name }, _ => who with { Organization = name } },
            };
        })]);
    }

    private static Dimension Sets(string kind, SortedSet<string> names, HashSet<string> unproved, Func<Principal, IEnumerable<string>, Principal> put) =>
        SetsOf(kind, names, unproved, (sketch, some) => sketch.Context = sketch.Context with { Principal = put(sketch.Context.Principal, some) });

    // Every set of what is named; of many only none, each, and all.
    private static Dimension SetsOf(string kind, SortedSet<string> names, HashSet<string> unproved, Action<Sketch, IReadOnlyList<string>> put)
    {
        var all = names.ToArray();
        if (all.Length > 5) unproved.Add($"there are too many {kind} to try every set of them");
        var sets = all.Length <= 5
            ? Enumerable.Range(0, 1 << all.Length).Select(bits => (IReadOnlyList<string>)[.. all.Where((_, index) => (bits >> index & 1) == 1)])
            : all.Select(static one => (IReadOnlyList<string>)[one]).Prepend([]).Append(all);
        return new(kind, [.. sets.Select<IReadOnlyList<string>, Action<Sketch>>(set => sketch => put(sketch, set))]);
    }

    // What such a condition sees is the day of the week and the time of day in its zone: a week with every border says it all.
    private Dimension Times(HashSet<string> unproved)
    {
        if (zones.Count > 1) unproved.Add("times in several time zones are tried, not proved");
        var moments = new List<DateTimeOffset>();
        foreach (var zone in zones.Select(TimeZoneInfo.FindSystemTimeZoneById))
        {
            var monday = new DateTime(2026, 1, 12, 0, 0, 0, DateTimeKind.Unspecified);
            foreach (var time in times.SelectMany(static time => (TimeOnly[])[time, time.AddMinutes(-1)]).Append(new(12, 0)).Distinct())
            {
                for (var day = 0; day < 7; day++)
                {
                    var local = monday.AddDays(day) + time.ToTimeSpan();
                    moments.Add(new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime());
                }
            }
        }

        return new("time", [.. moments.Append(default).Select<DateTimeOffset, Action<Sketch>>(moment => sketch => sketch.Context = sketch.Context with { Time = moment })]);
    }

    private static SortedSet<string> Set(SortedDictionary<string, SortedSet<string>> sets, string key) => sets.TryGetValue(key, out var set) ? set : sets[key] = new(StringComparer.Ordinal);
}
