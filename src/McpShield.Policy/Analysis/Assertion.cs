using System.Collections.Immutable;
using System.Text;
using McpShield.Policy.Analysis.Witnesses;
using McpShield.Policy.Conditions;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Analysis;

/// <summary>
/// Something that must never come out of a policy, whatever its rules say: proved when the policy is loaded. What cannot be proved refuses the
/// policy too, for an assertion that may be wrong protects nobody.
/// </summary>
internal sealed class Assertion(YamlMap node, Rule matching, ImmutableArray<Outcome> forbidden)
{
    public static Shape Shape { get; } = Shape.Map(
        "an assertion",
        new Field("never", Shape.Map(
            "`never`",
            new("tool", Shape.Texts, "Tool patterns.") { IsRequired = true },
            new("decision", Shape.Words("allow", "approve", "deny"), "Decisions that no call of these tools may get.") { IsRequired = true },
            new("when", ConditionTable.Block, "Only calls for which these conditions hold.")), "What must never be decided.") { IsRequired = true });

    public static IReadOnlyList<Assertion> ReadAll(YamlNode? node, ConditionScope scope)
    {
        var assertions = new List<Assertion>();
        foreach (var item in NodeReader.Items(node))
        {
            if (item is not YamlMap map || map.Find("never") is not YamlMap never || NodeReader.Texts(never.Find("tool")) is not { } tools) continue;
            var conditions = never.Find("when");
            var matching = new Rule
            {
                Id = "when",
                Patterns = [.. tools.Select(static tool => tool.Text)],
                Outcome = Outcome.Allow,
                Conditions = conditions is null ? [] : ConditionTable.ReadBlock(conditions, scope).Parts,
                Node = conditions is null ? null : new YamlMap([new(new YamlScalar("conditions", IsPlain: true, 1, 1), conditions)], 1, 1),
            };
            var forbidden = NodeReader.Texts(never.Find("decision")) ?? [];
            assertions.Add(new(map, matching, [.. forbidden.Select(static word => word.Text switch { "allow" => Outcome.Allow, "approve" => Outcome.Approve, _ => Outcome.Deny })]));
        }

        return assertions;
    }

    public void Prove(CompiledPolicy policy, Diagnostics diagnostics, CancellationToken ct)
    {
        var space = new WitnessSpace();
        foreach (var tool in space.Tools(policy.Rules.SelectMany(static rule => rule.Patterns).Concat(matching.Patterns)).Where(matching.Covers))
        {
            var rules = policy.RulesFor(tool).ToArray();
            if (!CanDecide(policy, rules)) continue;
            foreach (var call in space.Calls(tool, rules.Append(matching).Select(rule => (rule, policy.Settings))))
            {
                ct.ThrowIfCancellationRequested();
                if (!JsonTree.TryRead(call.Arguments, JsonLimits.Arguments, out var arguments, out _)) continue;
                using (arguments)
                {
                    var question = new ToolCall(call.Tool, arguments!.Root, call.Context);
                    var verdict = Authorizer.Judge(policy, question);
                    if (!forbidden.Contains(verdict.Outcome) || !matching.Holds(question, policy.Settings)) continue;
                    diagnostics.Error("assertion", $"the assertion does not hold: {(verdict.Rule is null ? "the default" : $"rule `{verdict.Rule}`")} decides {WireNames.Of(verdict.Outcome)} for `{call.Tool}` with {Encoding.UTF8.GetString(call.Arguments)}", node, "make the rule narrower, or put a deny rule before it");
                    return;
                }
            }
        }

        if (!space.IsComplete) diagnostics.Error("assertion-unproved", $"the assertion cannot be proved: {string.Join("; ", space.Unproved)}", node, "put an unconditional deny rule for these tools first, or remove the assertion");
    }

    // Most tools of a policy are plainly out of an assertion's way: none of their rules could decide what it forbids before one that always decides.
    private bool CanDecide(CompiledPolicy policy, Rule[] rules)
    {
        foreach (var rule in rules.Where(static rule => !rule.IsShadow))
        {
            if (forbidden.Contains(rule.Outcome)) return true;
            if (rule.IsUnconditional) return false;
        }

        return forbidden.Contains(policy.Default);
    }
}
