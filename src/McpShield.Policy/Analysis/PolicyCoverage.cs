using System.Collections.Immutable;
using McpShield.Policy.Conditions;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Analysis;

/// <summary>How much of a policy calls have touched: each rule that decided, each condition seen true, false and error.</summary>
public sealed class PolicyCoverage
{
    private readonly CompiledPolicy policy;
    private readonly Dictionary<string, int> matched = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Rule, string Label), int[]> seen = [];

    private PolicyCoverage(CompiledPolicy policy) => this.policy = policy;

    /// <summary>What <paramref name="tests"/> touch of <paramref name="policy"/>.</summary>
    public static ImmutableArray<RuleCoverage> Of(CompiledPolicy policy, IEnumerable<PolicyTest> tests)
    {
        var coverage = new PolicyCoverage(policy);
        foreach (var test in tests) coverage.Watch(test.Call);
        return [.. policy.Rules.Select(coverage.Of)];
    }

    private RuleCoverage Of(Rule rule)
    {
        var conditions = ImmutableArray.CreateBuilder<ConditionCoverage>();
        foreach (var (label, _, _) in Flatten(rule.Conditions, "", Reading.Of(rule.Outcome)))
        {
            var counts = seen.GetValueOrDefault((rule.Id, label)) ?? [0, 0, 0];
            conditions.Add(new(label, counts[(int)Truth.True], counts[(int)Truth.False], counts[(int)Truth.Error]));
        }

        return new(rule.Id, rule.Line, rule.Column, matched.GetValueOrDefault(rule.Id), conditions.ToImmutable());
    }

    private void Watch(CallText text)
    {
        if (!JsonTree.TryRead(text.Arguments, JsonLimits.Arguments, out var tree, out _)) return;
        using (tree)
        {
            var call = new ToolCall(text.Tool, tree!.Root, text.Context);
            foreach (var looked in Authorizer.Explain(policy, call).Trace.Rules)
            {
                if (looked.Matched) matched[looked.Rule] = matched.GetValueOrDefault(looked.Rule) + 1;
                var rule = policy.Rules.First(one => one.Id == looked.Rule);
                var facts = new CallFacts(call, policy.Settings);
                foreach (var (label, condition, reading) in Flatten(rule.Conditions, "", Reading.Of(rule.Outcome)))
                {
                    var counts = seen.TryGetValue((rule.Id, label), out var known) ? known : seen[(rule.Id, label)] = new int[3];
                    counts[(int)condition.Evaluate(facts, reading)]++;
                }
            }
        }
    }

    // A condition inside others is read as it is there: under `not` the other way round.
    private static IEnumerable<(string Label, Condition Condition, Reading Reading)> Flatten(IReadOnlyList<Condition> conditions, string path, Reading reading)
    {
        foreach (var condition in conditions)
        {
            var label = path + condition.Key;
            yield return (label, condition, reading);
            var (parts, inner) = condition switch
            {
                AllCondition all => (all.Parts, reading),
                AnyCondition any => (any.Parts, reading),
                NotCondition not => ([not.Part], reading.Negated),
                _ => ([], reading),
            };
            for (var i = 0; i < parts.Count; i++)
            {
                var block = parts[i] is AllCondition grouped ? grouped.Parts : [parts[i]];
                foreach (var nested in Flatten(block, parts.Count == 1 ? $"{label}." : $"{label}[{i}].", inner)) yield return nested;
            }
        }
    }
}

/// <summary>What was seen of a rule.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="Matched">How often it decided.</param>
/// <param name="Conditions">Its conditions, nested ones too.</param>
public sealed record RuleCoverage(string Rule, int Line, int Column, int Matched, ImmutableArray<ConditionCoverage> Conditions)
{
    /// <summary>Whether it decided at least once, and each of its conditions was seen true and seen false.</summary>
    public bool IsFull => Matched > 0 && Conditions.All(static condition => condition is { True: > 0, False: > 0 });
}

/// <summary>What was seen of a condition.</summary>
/// <param name="Label">Where it stands in the rule: <c>any[1].path_prefix</c>.</param>
/// <param name="True">How often it held.</param>
/// <param name="False">How often it did not.</param>
/// <param name="Error">How often it could not be judged.</param>
public sealed record ConditionCoverage(string Label, int True, int False, int Error);
