using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>environment</c>: the project's environment; missing is false.</summary>
internal sealed class EnvironmentCondition(IReadOnlyList<string> environments) : Condition("environment")
{
    private static readonly string[] Known = ["dev", "staging", "prod"];

    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Texts(node, key.Text) is not { } names) return null;
        foreach (var (text, at) in names) scope.Read.Word(at, key.Text, Known);
        return new EnvironmentCondition([.. names.Select(static name => name.Text)]);
    }

    public override Truth Evaluate(CallFacts call, Reading reading) =>
        call.Context.Environment is { } environment && Texts.Contains(environments, environment)
            ? Truth.True
            : call.Meet(Truth.False, DetailCode.Principal, "the environment is not among those of the rule");
}

/// <summary><c>client_ip</c>: where the call comes from; missing is an error.</summary>
internal sealed class ClientIpCondition(IReadOnlyList<IpRange> ranges) : Condition("client_ip")
{
    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Texts(node, key.Text) is not { } texts) return null;
        var ranges = new List<IpRange>();
        foreach (var (text, at) in texts)
        {
            if (IpRange.Parse(text, out var problem) is { } range) ranges.Add(range);
            else scope.Read.Diagnostics.Error("cidr", problem, at, "write it like `10.0.0.0/8` or `2001:db8::/32`");
        }

        return new ClientIpCondition(ranges);
    }

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        if (call.Context.ClientIp is not { } text || !IpAddress.TryParse(text, out var address))
        {
            return call.Meet(Truth.Error, DetailCode.IpNotListed, "the caller's address is unknown");
        }

        address = address.Embedded();
        return IpRange.AnyContains(ranges, address) ? Truth.True : call.Meet(Truth.False, DetailCode.IpNotListed, "the caller's address is not listed");
    }
}

/// <summary><c>session_labels</c>: labels that the session has gathered.</summary>
internal sealed class SessionLabelsCondition(IReadOnlyList<string> none, IReadOnlyList<string> any, IReadOnlyList<string> all) : Condition("session_labels")
{
    private static readonly string[] Keys = ["none_of", "any_of", "all_of"];

    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Map(node, key.Text) is not { } map) return null;
        if (map.Entries.Count == 0) scope.Read.Diagnostics.Error("empty-value", "`session_labels` names no label", node);
        var lists = Keys.ToDictionary(static name => name, static _ => (IReadOnlyList<string>)[], StringComparer.Ordinal);
        foreach (var (kind, value) in map.Entries)
        {
            if (!lists.ContainsKey(kind.Text)) scope.Read.UnknownKey(kind, "`session_labels`", Keys);
            else if (scope.Read.Texts(value, kind.Text) is { } labels) lists[kind.Text] = [.. labels.Select(static label => label.Text)];
        }

        return new SessionLabelsCondition(lists["none_of"], lists["any_of"], lists["all_of"]);
    }

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var labels = call.Context.Session.Labels;
        var holds = Count(none, labels) == 0 && (any.Count == 0 || Count(any, labels) > 0) && Count(all, labels) == all.Count;
        return holds ? Truth.True : call.Meet(Truth.False, DetailCode.Label, "the session's labels are not as the rule asks");
    }

    private static int Count(IReadOnlyList<string> wanted, IReadOnlySet<string> labels)
    {
        var count = 0;
        for (var i = 0; i < wanted.Count; i++)
        {
            if (labels.Contains(wanted[i])) count++;
        }

        return count;
    }
}

/// <summary><c>calls_in_session</c>: fewer than so many calls of a tool were allowed so far.</summary>
internal sealed class CallsInSessionCondition(string tool, long max) : Condition("calls_in_session")
{
    private static readonly string[] Keys = ["tool", "max"];

    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Map(node, key.Text) is not { } map) return null;
        string? tool = null;
        long? max = null;
        foreach (var (name, value) in map.Entries)
        {
            if (name.Text == "tool") tool = scope.Read.Text(value, "tool");
            else if (name.Text == "max") max = scope.Read.Integer(value, "max", 1, int.MaxValue);
            else scope.Read.UnknownKey(name, "`calls_in_session`", Keys);
        }

        foreach (var missing in Keys.Where(wanted => map.Entries.All(entry => entry.Key.Text != wanted)))
        {
            scope.Read.Diagnostics.Error("missing-key", $"`calls_in_session` needs `{missing}`", map);
        }

        return tool is not null && max is not null ? new CallsInSessionCondition(tool, max.Value) : null;
    }

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        return CallsIn(call.Context.Session.Calls) < max ? Truth.True : call.Meet(Truth.False, DetailCode.Label, "the session has used up its calls of the tool");
    }

    private long CallsIn(IReadOnlyDictionary<string, int> counts)
    {
        long calls = 0;
        if (counts is Dictionary<string, int> plain)
        {
            foreach (var (name, count) in plain) calls += ToolPattern.Matches(tool, name) ? count : 0;
        }
        else
        {
            foreach (var (name, count) in counts) calls += ToolPattern.Matches(tool, name) ? count : 0;
        }

        return calls;
    }
}

/// <summary><c>max_argument_bytes</c>: the size of the arguments as canonical JSON.</summary>
internal sealed class MaxArgumentBytesCondition(long max) : Condition("max_argument_bytes")
{
    public static Condition? Read(YamlScalar key, YamlNode node, ConditionScope scope) =>
        scope.Read.Integer(node, key.Text, 0, JsonLimits.Arguments.MaxBytes) is { } max ? new MaxArgumentBytesCondition(max) : null;

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var size = call.Arguments.Kind is JsonKind.Object ? CanonicalJson.Measure(call.Arguments) : "{}".Length;
        return size <= max ? Truth.True : call.Meet(Truth.False, DetailCode.Size, "the arguments are larger than the rule lets pass");
    }
}
