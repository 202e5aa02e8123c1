using System.Text.Json;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>
/// The decision as section 2 of the policy language tells it, over sketches. Slow and obvious; it shares no code with the library but the
/// names of the outcomes.
/// </summary>
internal static class NaiveEvaluator
{
    private const int Error = 1, True = 2;

    public static (Outcome Outcome, string? Rule) Decide(PolicySketch policy, CallSketch call)
    {
        using var arguments = JsonDocument.Parse(call.Arguments);
        var conditions = new NaiveConditions(arguments.RootElement, call.Context);
        foreach (var rule in policy.Rules)
        {
            if (rule.IsShadow || !rule.Tools.Any(pattern => NaiveConditions.Matches(pattern, call.Tool))) continue;
            var denies = rule.Outcome is Outcome.Deny;
            var truth = rule.Conditions.Select(condition => conditions.Truth(condition, new(denies, denies))).Append(True).Min();
            if (truth == True || (truth == Error && denies)) return (rule.Outcome, rule.Id);
        }

        return (policy.AllowsByDefault ? Outcome.Allow : Outcome.Deny, null);
    }
}
