using CsCheck;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Evaluation;

public sealed class DifferentialTests
{
    private const int Policies = 2_000;
    private const int CallsEach = 10;

    [Fact]
    public void The_decision_point_answers_like_the_naive_evaluator()
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
                var decision = call.Ask(policy);
                Assert.True(expected == (decision.Outcome, decision.Rule), $"{expected} is expected, not {(decision.Outcome, decision.Rule)}, for {call}\n{sketch}");
                seen[(decision.Outcome, decision.Rule is null)] = seen.GetValueOrDefault((decision.Outcome, decision.Rule is null)) + 1;
            }
        }

        // Agreement is worth something only where every kind of answer is common.
        Assert.All(new[] { (Outcome.Allow, false), (Outcome.Deny, false), (Outcome.Approve, false), (Outcome.Allow, true), (Outcome.Deny, true) },
            kind => Assert.InRange(seen.GetValueOrDefault(kind), Policies * CallsEach / 50, Policies * CallsEach));
    }
}
