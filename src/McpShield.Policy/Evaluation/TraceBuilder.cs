using System.Collections.Immutable;
using McpShield.Policy.Conditions;

namespace McpShield.Policy.Evaluation;

/// <summary>Writes down the way to a decision; it is there only when somebody asked for it.</summary>
internal sealed class TraceBuilder
{
    private readonly ImmutableArray<RuleTrace>.Builder rules = ImmutableArray.CreateBuilder<RuleTrace>();
    private readonly ImmutableArray<ConditionTrace>.Builder conditions = ImmutableArray.CreateBuilder<ConditionTrace>();

    private readonly ImmutableArray<ShadowMatch>.Builder shadows = ImmutableArray.CreateBuilder<ShadowMatch>();

    public DecisionTrace Trace => new(rules.ToImmutable());

    /// <summary>Shadow rules that would have decided, had they been real.</summary>
    public ImmutableArray<ShadowMatch> Shadows => shadows.ToImmutable();

    /// <summary>What kept the rules looked at from holding, in the order met.</summary>
    public IEnumerable<DecisionDetail> Obstacles =>
        rules.SelectMany(static rule => rule.Conditions).Where(static condition => condition.Value is not Truth.True).SelectMany(static condition => condition.Details);

    /// <summary>What could not be judged, in the order met.</summary>
    public IEnumerable<DecisionDetail> Errors =>
        rules.SelectMany(static rule => rule.Conditions).Where(static condition => condition.Value is Truth.Error).SelectMany(static condition => condition.Details);

    /// <summary>Whether the connection would run the statement: one more condition of a rule that lets it through.</summary>
    public void Statement(Truth value) => conditions.Add(new("statement", value, [], []));

    /// <summary>Takes what the condition said to <paramref name="facts"/>.</summary>
    public void Condition(Rule rule, Condition condition, Truth value, CallFacts facts)
    {
        conditions.Add(new(condition.Key, value, [.. facts.Details.Select(detail => detail with { Rule = rule.Id })], [.. facts.Notes.Distinct(StringComparer.Ordinal)]));
        facts.Details.Clear();
        facts.Notes.Clear();
    }

    public void Rule(Rule rule, bool decides, bool matches)
    {
        if (matches && !decides) shadows.Add(new(rule.Id, rule.Outcome));
        rules.Add(new(rule.Id, rule.Outcome, decides, conditions.ToImmutable()));
        conditions.Clear();
    }
}
