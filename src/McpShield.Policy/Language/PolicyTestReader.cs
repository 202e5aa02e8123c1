using System.Collections.Immutable;
using System.Text;
using McpShield.Policy.Analysis;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Language;

/// <summary>Reads <c>tests</c>, whose shape was checked before.</summary>
internal sealed class PolicyTestReader(Diagnostics diagnostics, IEnumerable<string> ruleIds)
{
    private readonly HashSet<string> ids = new(ruleIds, StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    public ImmutableArray<PolicyTest> Read(YamlNode? node)
    {
        var tests = ImmutableArray.CreateBuilder<PolicyTest>();
        foreach (var item in NodeReader.Items(node))
        {
            if (item is YamlMap map && ReadTest(map) is { } test) tests.Add(test);
        }

        return tests.ToImmutable();
    }

    private PolicyTest? ReadTest(YamlMap map)
    {
        if (NodeReader.Text(map.Find("name")) is not { } name || map.Find("call") is not YamlMap call || map.Find("expect") is not YamlMap expect) return null;
        if (!names.Add(name)) diagnostics.Error("duplicate-name", $"the name `{name}` is used twice", map.Find("name")!);
        if (NodeReader.Text(call.Find("tool")) is not { } tool || ReadContext(call.Find("context")) is not { } context) return null;
        return new(name, new(tool, ReadArguments(call), context), ReadExpectation(expect), map.Line, map.Column);
    }

    private byte[] ReadArguments(YamlMap call)
    {
        if (NodeReader.Text(call.Find("arguments_json")) is not { } raw) return call.Find("arguments") is { } given ? YamlJson.ToBytes(given) : "{}"u8.ToArray();
        if (call.Find("arguments") is not null) diagnostics.Error("arguments", "give either `arguments` or `arguments_json`", call.KeyOf("arguments_json"));
        return Encoding.UTF8.GetBytes(raw);
    }

    private CallContext? ReadContext(YamlNode? node)
    {
        if (node is null) return CallContext.Empty;
        try
        {
            return CallText.ReadContext(Encoding.UTF8.GetString(YamlJson.ToBytes(node)));
        }
        catch (CallFormatException invalid)
        {
            if (!diagnostics.HasErrors) diagnostics.Error("context", $"the context is not valid: {invalid.Message}", node);
            return null;
        }
    }

    private Expectation ReadExpectation(YamlMap map)
    {
        Outcome? outcome = NodeReader.Text(map.Find("decision")) switch { "allow" => Outcome.Allow, "deny" => Outcome.Deny, "approve" => Outcome.Approve, _ => null };
        Reason? reason = NodeReader.Text(map.Find("reason")) is { } word && Array.IndexOf(WireNames.Reasons, word) is >= 0 and var index ? (Reason)index : null;
        if (map.Find("rule") is not YamlScalar rule) return new(outcome, null, IsRuleGiven: false, reason);
        var id = rule.IsNull || rule.Text == "default" ? null : rule.Text;
        if (id is not null && !ids.Contains(id)) diagnostics.Error("unknown-rule", $"there is no rule `{id}`", rule, Words.DidYouMean(id, ids));
        return new(outcome, id, IsRuleGiven: true, reason);
    }
}
