namespace McpShield.Policy.Evaluation;

/// <summary>The bare answer of <see cref="Authorizer.Judge"/>. The default value is a deny.</summary>
/// <param name="Outcome">What to do.</param>
/// <param name="Rule">The rule that decided, or <c>null</c> when none did.</param>
/// <param name="Reason">Why.</param>
public readonly record struct Verdict(Outcome Outcome, string? Rule, Reason Reason);
