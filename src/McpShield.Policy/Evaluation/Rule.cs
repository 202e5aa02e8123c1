using McpShield.Policy.Conditions;
using McpShield.Policy.Limits;

namespace McpShield.Policy.Evaluation;

/// <summary>One rule, ready to be asked.</summary>
internal sealed class Rule(string id, IReadOnlyList<string> patterns, Outcome outcome, IReadOnlyList<Condition> conditions, string? reason, bool isShadow, RateLimit? limit = null)
{
    private readonly Condition[] asked = [.. conditions];

    public string Id { get; } = id;

    public IReadOnlyList<string> Patterns { get; } = patterns;

    public Outcome Outcome { get; } = outcome;

    /// <summary>All must hold; none: always.</summary>
    public IReadOnlyList<Condition> Conditions { get; } = conditions;

    /// <summary>The same, as a decision asks them.</summary>
    public ReadOnlySpan<Condition> Asked => asked;

    /// <summary>Recorded as what it would have done; never decides.</summary>
    public bool IsShadow { get; } = isShadow;

    /// <summary>How often it may let something through; <c>null</c>: as often as it is asked.</summary>
    public RateLimit? Limit { get; } = limit;

    /// <summary>The answer when this rule decides and there is nothing else to say.</summary>
    public Decision Plain { get; } = new() { Outcome = outcome, Rule = id, Reason = Reason.Rule, Message = reason ?? Messages.ForRule(id, outcome) };

    public bool IsUnconditional => Conditions.Count == 0;

    public bool Covers(string tool)
    {
        foreach (var pattern in Patterns)
        {
            if (ToolPattern.Matches(pattern, tool)) return true;
        }

        return false;
    }
}
