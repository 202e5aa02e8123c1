using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Analysis;

/// <summary>A call, and what must come out of it (policy language, section 8).</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Call">What is asked.</param>
/// <param name="Expected">What must come out.</param>
/// <param name="Line">Where it stands in its file.</param>
/// <param name="Column">Where it stands in its file.</param>
public sealed record PolicyTest(string Name, CallText Call, Expectation Expected, int Line, int Column);

/// <summary>What a test expects; what is <c>null</c> is not looked at.</summary>
/// <param name="Outcome">The decision.</param>
/// <param name="Rule">The rule that decides; <c>null</c>: none, where <paramref name="IsRuleGiven"/>.</param>
/// <param name="IsRuleGiven">Whether the rule is looked at.</param>
/// <param name="Reason">The reason.</param>
public sealed record Expectation(Outcome? Outcome, string? Rule, bool IsRuleGiven, Reason? Reason)
{
    /// <summary>Whether <paramref name="decision"/> is what was expected.</summary>
    public bool IsMetBy(Decision decision) =>
        (Outcome is null || decision.Outcome == Outcome)
        && (!IsRuleGiven || decision.Rule == Rule)
        && (Reason is null || decision.Reason == Reason);
}

/// <summary>What a test came to.</summary>
/// <param name="Test">The test.</param>
/// <param name="Decision">What the policy decided, with the way to it.</param>
public sealed record PolicyTestResult(PolicyTest Test, Decision Decision)
{
    /// <summary>Whether it came out as expected.</summary>
    public bool HasPassed => Test.Expected.IsMetBy(Decision);

    /// <summary>Runs tests against a policy, in order. Each is a call of its own: nothing is counted from one to the next.</summary>
    public static IReadOnlyList<PolicyTestResult> Run(CompiledPolicy policy, IEnumerable<PolicyTest> tests) => [.. tests.Select(test => new PolicyTestResult(test, test.Call.Explain(policy)))];
}
