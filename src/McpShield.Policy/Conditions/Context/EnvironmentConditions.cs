using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Conditions.Context;

/// <summary><c>environment</c>: the project's environment; missing is false.</summary>
internal sealed class EnvironmentCondition(IReadOnlyList<string> environments) : Condition("environment")
{
    public static readonly string[] Known = ["dev", "staging", "prod"];

    public static Condition? Read(YamlNode node, ConditionScope scope) =>
        NodeReader.Texts(node) is { } names ? new EnvironmentCondition([.. names.Select(static name => name.Text)]) : null;

    public override Truth Evaluate(CallFacts call, Reading reading) =>
        call.Context.Environment is { } environment && Texts.Contains(environments, environment)
            ? Truth.True
            : call.Meet(Truth.False, DetailCode.Principal, "the environment is not among those of the rule");
}

/// <summary><c>client_ip</c>: where the call comes from; missing is an error.</summary>
internal sealed class ClientIpCondition(IReadOnlyList<IpRange> ranges) : Condition("client_ip")
{
    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (NodeReader.Texts(node) is not { } texts) return null;
        var ranges = new List<IpRange>();
        foreach (var (text, at) in texts)
        {
            if (IpRange.Parse(text, out var problem) is { } range) ranges.Add(range);
            else scope.Diagnostics.Error("cidr", problem, at, "write it like `10.0.0.0/8` or `2001:db8::/32`");
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
    public static Shape Shape { get; } = Shape.Map(
        "`session_labels`",
        new("none_of", Shape.Texts, "The session has none of these labels."),
        new("any_of", Shape.Texts, "The session has at least one of these labels."),
        new("all_of", Shape.Texts, "The session has all of these labels."));

    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (node is not YamlMap map) return null;
        return new SessionLabelsCondition(Labels(map.Find("none_of")), Labels(map.Find("any_of")), Labels(map.Find("all_of")));
    }

    private static IReadOnlyList<string> Labels(YamlNode? node) => [.. (NodeReader.Texts(node) ?? []).Select(static label => label.Text)];

    public override bool ReadsSession => true;

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
    public static Shape Shape { get; } = Shape.Map(
        "`calls_in_session`",
        new("tool", Shape.Text, "A tool pattern.") { IsRequired = true },
        new("max", Shape.Integer(1, int.MaxValue), "So many calls; the next one is too many.") { IsRequired = true });

    public static Condition? Read(YamlNode node, ConditionScope scope) =>
        node is YamlMap map && NodeReader.Text(map.Find("tool")) is { } tool && NodeReader.Integer(map.Find("max")) is { } max ? new CallsInSessionCondition(tool, max) : null;

    public override bool ReadsSession => true;

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
    public static Shape Shape { get; } = Shape.Integer(0, JsonLimits.Arguments.MaxBytes);

    public static Condition? Read(YamlNode node, ConditionScope scope) => NodeReader.Integer(node) is { } max ? new MaxArgumentBytesCondition(max) : null;

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var size = call.Arguments.Kind is JsonKind.Object ? CanonicalJson.Measure(call.Arguments) : "{}".Length;
        return size <= max ? Truth.True : call.Meet(Truth.False, DetailCode.Size, "the arguments are larger than the rule lets pass");
    }
}
