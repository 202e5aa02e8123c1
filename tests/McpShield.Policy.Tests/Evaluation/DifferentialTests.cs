using System.Globalization;
using CsCheck;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Evaluation;

public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int CallsEach = 20;

    // A hundred thousand pairs of policy and call; as many as are asked for where somebody has the time.
    private static readonly int Policies = int.Parse(Environment.GetEnvironmentVariable("MCPSHIELD_DIFFERENTIAL_PAIRS") ?? "100000", CultureInfo.InvariantCulture) / CallsEach;

    [Fact]
    public void The_decision_point_answers_like_the_naive_evaluator_with_and_without_a_trace()
    {
        var pcg = new PCG(1, 2026);
        var calls = Sketches.Call.Array[CallsEach];
        var seen = new Dictionary<(Outcome, bool), int>();

        for (var i = 0; i < Policies; i++)
        {
            var sketch = Sketches.Policy.Generate(pcg, null, out _);
            var policy = sketch.Load();
            foreach (var call in calls.Generate(pcg, null, out _))
            {
                var expected = NaiveEvaluator.Decide(sketch, call);
                var (decision, verdict) = call.AskBothWays(policy);
                Assert.True(expected == (decision.Outcome, decision.Rule), $"{expected} is expected, not {(decision.Outcome, decision.Rule)}, for {call}\n{sketch}");
                Assert.True(verdict == new Verdict(decision.Outcome, decision.Rule, decision.Reason), $"{verdict} is the brief answer, not {(decision.Outcome, decision.Rule, decision.Reason)}, for {call}\n{sketch}");
                seen[(decision.Outcome, decision.Rule is null)] = seen.GetValueOrDefault((decision.Outcome, decision.Rule is null)) + 1;
            }
        }

        // Agreement is worth something only where every kind of answer is common.
        output.WriteLine($"{Policies * CallsEach} pairs, no disagreement: {string.Join(", ", seen.OrderBy(static kind => kind.Key).Select(static kind => $"{kind.Value} {WireNames.Of(kind.Key.Item1)} by {(kind.Key.Item2 ? "default" : "rule")}"))}");
        Assert.All(new[] { (Outcome.Allow, false), (Outcome.Deny, false), (Outcome.Approve, false), (Outcome.Allow, true), (Outcome.Deny, true) },
            kind => Assert.InRange(seen.GetValueOrDefault(kind), Policies * CallsEach / 50, Policies * CallsEach));
    }
}
