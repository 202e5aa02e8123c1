using System.Runtime.CompilerServices;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Redaction;

/// <summary>Carries out the filters that a decision asks for. Redactors are made once for the filters of a rule.</summary>
/// <param name="hashKey">The key of the action hash, one per organization, at least <see cref="Redactor.MinHashKey"/> bytes.</param>
public sealed class PolicyFilters(ReadOnlyMemory<byte> hashKey)
{
    // A policy that is no longer in force takes its redactors with it.
    private readonly ConditionalWeakTable<RuleFilters, Redactors> made = [];

    /// <summary>Filters for whoever only looks at decisions: hashes made by it are of no value to anyone.</summary>
    public static PolicyFilters ForTrial { get; } = new(new byte[Redactor.MinHashKey]);

    /// <summary>
    /// Runs the argument filters of a decision that lets a call through. A finding that blocks makes it a deny with reason
    /// <see cref="Reason.FilterBlocked"/>; never another rule's turn.
    /// </summary>
    /// <param name="decision">The decision; one that denies stays as it is.</param>
    /// <param name="arguments">The arguments as they came.</param>
    /// <param name="rewritten">What takes their place; empty when nothing changed.</param>
    public Decision FilterArguments(Decision decision, JsonView arguments, out ReadOnlyMemory<byte> rewritten)
    {
        rewritten = default;
        if (decision.Outcome is Outcome.Deny || !arguments.Exists) return decision;
        if (Of(decision)?.Arguments is not { } redactor) return decision;
        var redaction = redactor.Redact(arguments);
        if (redaction.IsBlocked)
        {
            var what = redaction.Cause switch
            {
                BlockCause.Finding => $"the arguments hold what the filters of rule {decision.Rule} keep out: {string.Join(", ", redaction.Findings.Where(static one => one.Action is FilterAction.Block).Select(static one => one.Detector).Distinct(StringComparer.Ordinal))}",
                BlockCause.TooLarge => "the arguments are too large to be looked at by filters",
                _ => "the arguments could not be looked at by filters",
            };
            return decision with { Outcome = Outcome.Deny, Reason = Reason.FilterBlocked, Message = what, Obligations = [] };
        }

        rewritten = redaction.Rewritten;
        return decision;
    }

    /// <summary>What looks at the answer of a call that was let through; <c>null</c>: nothing does.</summary>
    public Redactor? ForResults(Decision decision) => Of(decision)?.Results;

    /// <summary>What looks at whatever else goes to the server during a call that was let through; <c>null</c>: nothing does.</summary>
    public Redactor? ForArguments(Decision decision) => Of(decision)?.Arguments;

    private Redactors? Of(Decision decision)
    {
        foreach (var obligation in decision.Obligations)
        {
            if (obligation is FilterObligation asked) return made.GetValue(asked.Filters, filters => new(Make(filters.Arguments), Make(filters.Results)));
        }

        return null;
    }

    private Redactor? Make(IReadOnlyList<Filter> filters) => filters.Count == 0 ? null : new(filters, hashKey.Span);

    private sealed record Redactors(Redactor? Arguments, Redactor? Results);
}
