using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions;

/// <summary>How the values of one condition are taken together, and what an unnamed scheme or port means.</summary>
/// <param name="AnyValue">One value inside is enough (deny rules); else every value must be (allow and approve rules). <c>not</c> turns it round.</param>
/// <param name="IsOpen">A scheme or port that is not named restricts nothing (deny rules, and anywhere under <c>not</c>).</param>
internal readonly record struct Reading(bool AnyValue, bool IsOpen)
{
    public static Reading Of(Outcome outcome) => outcome is Outcome.Deny ? new(AnyValue: true, IsOpen: true) : new(AnyValue: false, IsOpen: false);

    public Reading Negated => new(!AnyValue, IsOpen: true);

    /// <summary>Takes values together: no value is false.</summary>
    public Truth Combine(Truth soFar, Truth next, bool isFirst) => isFirst ? next : AnyValue ? Kleene.Or(soFar, next) : Kleene.And(soFar, next);
}

/// <summary>Three-valued logic: in <c>all</c> false is least, in <c>any</c> true is greatest, an error lies between.</summary>
internal static class Kleene
{
    public static Truth And(Truth left, Truth right) =>
        left is Truth.False || right is Truth.False ? Truth.False
        : left is Truth.Error || right is Truth.Error ? Truth.Error
        : Truth.True;

    public static Truth Or(Truth left, Truth right) =>
        left is Truth.True || right is Truth.True ? Truth.True
        : left is Truth.Error || right is Truth.Error ? Truth.Error
        : Truth.False;

    public static Truth Not(Truth value) => value switch { Truth.True => Truth.False, Truth.False => Truth.True, _ => Truth.Error };

    public static Truth Of(bool value) => value ? Truth.True : Truth.False;
}

/// <summary>One test of a rule. Immutable; says true, false or error of a call, and why.</summary>
internal abstract class Condition(string key)
{
    /// <summary>Its key in the policy; of several keys that are one test, the first.</summary>
    public string Key { get; } = key;

    /// <summary>Whether the answer depends on what the session has gathered.</summary>
    public virtual bool ReadsSession => false;

    public abstract Truth Evaluate(CallFacts call, Reading reading);
}

/// <summary>What the readers of conditions need of the policy around them.</summary>
internal sealed record ConditionScope(Diagnostics Diagnostics, PolicySettings Settings);
