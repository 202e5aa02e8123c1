using System.Collections.Immutable;
using System.Text;
using McpShield.Policy.Conditions;
using McpShield.Policy.Language;
using McpShield.Policy.Limits;

namespace McpShield.Policy.Evaluation;

/// <summary>One rule, ready to be asked.</summary>
internal sealed class Rule
{
    private readonly Condition[] asked = [];
    private Decision? plain;

    public required string Id { get; init; }

    public required IReadOnlyList<string> Patterns { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>All must hold; none: always.</summary>
    public IReadOnlyList<Condition> Conditions
    {
        get => asked;
        init => asked = [.. value];
    }

    /// <summary>What the agent is told when this rule decides.</summary>
    public string? Reason { get; init; }

    /// <summary>The conditions, as a decision asks them.</summary>
    public ReadOnlySpan<Condition> Asked => asked;

    /// <summary>Recorded as what it would have done; never decides.</summary>
    public bool IsShadow { get; init; }

    /// <summary>How often it may let something through; <c>null</c>: as often as it is asked.</summary>
    public RateLimit? Limit { get; init; }

    /// <summary>What must also be done, the same for every call; a rate limit, whose counter is the call's own, comes before these.</summary>
    public ImmutableArray<Obligation> Obligations { get; init; } = [];

    /// <summary>Where it stands in the text.</summary>
    public int Line { get; init; }

    /// <summary>Where it stands in the text.</summary>
    public int Column { get; init; }

    /// <summary>The rule as it is written, for what analyses policies; <c>null</c> for a rule that nobody wrote.</summary>
    public YamlMap? Node { get; init; }

    /// <summary>Two rules of the same fingerprint and settings decide alike.</summary>
    public string Fingerprint => $"{Outcome} {IsShadow} {(Node?.Find("conditions") is { } conditions ? Encoding.UTF8.GetString(YamlJson.ToBytes(conditions)) : "")}";

    /// <summary>What it asks for beside its decision, as one text.</summary>
    public string Duties => string.Join(' ', ((string[])["rate_limit", "filters", "labels", "approval", "max_result_bytes"]).Select(key => Node?.Find(key) is { } duty ? $"{key} {Encoding.UTF8.GetString(YamlJson.ToBytes(duty))}" : ""));

    /// <summary>Whether its conditions are true of a call, by themselves.</summary>
    public bool Holds(ToolCall call, PolicySettings settings)
    {
        var facts = new CallFacts(call, settings) { IsBrief = true };
        return Conditions.All(condition => condition.Evaluate(facts, Reading.Of(Outcome)) is Truth.True);
    }

    /// <summary>The answer when this rule decides and there is nothing of the call to say.</summary>
    public Decision Plain => plain ??= new() { Outcome = Outcome, Rule = Id, Reason = Evaluation.Reason.Rule, Message = Reason ?? Messages.ForRule(Id, Outcome), Obligations = Obligations };

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
