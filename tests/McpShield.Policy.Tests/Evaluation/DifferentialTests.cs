using System.Collections.Concurrent;
using System.Globalization;
using CsCheck;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Evaluation;

public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int CallsEach = 50;
    private const int PoliciesEach = 100;

    // A hundred thousand pairs of policy and call; as many as are asked for where somebody has the time.
    private static readonly int Shares = int.Parse(Environment.GetEnvironmentVariable("MCPSHIELD_DIFFERENTIAL_PAIRS") ?? "100000", CultureInfo.InvariantCulture) / (CallsEach * PoliciesEach);

    [Fact]
    public void The_decision_point_answers_like_the_naive_evaluator_with_and_without_a_trace()
    {
        var seen = new ConcurrentDictionary<(Outcome Outcome, bool IsDefault), int>();

        // Each share has a generator of its own: the same pairs, however many cores there are and however many shares are asked for.
        Parallel.For(0, Shares, share => Compare(new PCG((uint)share + 1, 2026), seen));

        // Agreement is worth something only where every kind of answer is common.
        const int pairsEach = CallsEach * PoliciesEach;
        output.WriteLine($"{Shares * pairsEach} pairs, no disagreement: {string.Join(", ", seen.OrderBy(static kind => kind.Key).Select(static kind => $"{kind.Value} {WireNames.Of(kind.Key.Outcome)} by {(kind.Key.IsDefault ? "default" : "rule")}"))}");
        Assert.All(new[] { (Outcome.Allow, false), (Outcome.Deny, false), (Outcome.Approve, false), (Outcome.Allow, true), (Outcome.Deny, true) },
            kind => Assert.InRange(seen.GetValueOrDefault(kind), Shares * pairsEach / 50, Shares * pairsEach));
    }

    private static void Compare(PCG pcg, ConcurrentDictionary<(Outcome, bool), int> seen)
    {
        var calls = Sketches.WideCall.Array[CallsEach];
        for (var i = 0; i < PoliciesEach; i++)
        {
            var sketch = Sketches.WidePolicy.Generate(pcg, null, out _);
            var policy = sketch.Load();
            foreach (var call in calls.Generate(pcg, null, out _))
            {
                var expected = NaiveEvaluator.Decide(sketch, call);
                var (decision, verdict) = call.AskBothWays(policy);
                if (expected != (decision.Outcome, decision.Rule)) Assert.Fail($"{expected} is expected, not {(decision.Outcome, decision.Rule)}, for {call}\n{sketch}");
                if (verdict != new Verdict(decision.Outcome, decision.Rule, decision.Reason)) Assert.Fail($"{verdict} is the brief answer, not {(decision.Outcome, decision.Rule, decision.Reason)}, for {call}\n{sketch}");
                seen.AddOrUpdate((decision.Outcome, decision.Rule is null), 1, static (_, count) => count + 1);
            }
        }
    }
}
