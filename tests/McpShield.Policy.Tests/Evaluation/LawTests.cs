using CsCheck;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>What holds of every policy and every call.</summary>
public sealed class LawTests
{
    private const int Iterations = 300;

    [Fact]
    public void Without_rules_every_call_is_denied() => Sketches.Call.Sample(call =>
        call.Ask(new PolicySketch(AllowsByDefault: false, []).Load()) is { Outcome: Outcome.Deny, Reason: Reason.Default, Rule: null }, iter: Iterations);

    [Fact]
    public void What_no_rule_decides_is_denied_by_default() => Gen.Select(Sketches.ClosedPolicy, Sketches.Call).Sample((policy, call) =>
        call.Ask(policy.Load()) is { Rule: not null } or { Outcome: Outcome.Deny, Reason: Reason.Default }, iter: Iterations);

    [Fact]
    public void Only_a_rule_that_allows_or_an_open_default_lets_a_call_through() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        var decision = call.Ask(policy.Load());
        return decision.Outcome is Outcome.Deny
            || (decision.Rule is null ? policy.AllowsByDefault : policy.Rules.Single(rule => rule.Id == decision.Rule).Outcome == decision.Outcome);
    }, iter: Iterations);

    [Fact]
    public void A_matching_deny_rule_placed_before_stops_everything_after() => Gen.Select(Sketches.Policy, Sketches.Rule, Sketches.Call).Sample((policy, rule, call) =>
    {
        var first = rule with { Id = "first", Outcome = Outcome.Deny };
        var matches = call.Ask(policy.With(first).Load()).Rule == "first";

        var decision = call.Ask(policy.With([first, .. policy.Rules]).Load());

        return matches == (decision is { Outcome: Outcome.Deny, Rule: "first" });
    }, iter: Iterations);

    [Fact]
    public void A_deny_rule_without_conditions_placed_first_denies_whatever_follows() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
        call.Ask(policy.With([new("first", ["*"], Outcome.Deny, null, null, null), .. policy.Rules]).Load()) is { Outcome: Outcome.Deny, Rule: "first" }, iter: Iterations);

    [Fact]
    public void An_allow_rule_at_the_end_never_turns_an_allow_into_a_deny() => Gen.Select(Sketches.Policy, Sketches.Rule, Sketches.Call).Sample((policy, rule, call) =>
    {
        var before = call.Ask(policy.Load());

        var after = call.Ask(policy.With([.. policy.Rules, rule with { Id = "last", Outcome = Outcome.Allow }]).Load());

        return before.Outcome is not Outcome.Allow || after.Outcome is Outcome.Allow;
    }, iter: Iterations);

    [Fact]
    public void Rules_after_the_deciding_one_change_nothing() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        var decision = call.Ask(policy.Load());
        if (decision.Rule is null) return true;
        var deciding = Array.FindIndex(policy.Rules, rule => rule.Id == decision.Rule);

        return Tell(call.Ask(policy.With(policy.Rules[..(deciding + 1)]).Load())) == Tell(decision);
    }, iter: Iterations);

    [Fact]
    public void A_rule_for_other_tools_changes_nothing_wherever_it_stands() => Gen.Select(Sketches.Policy, Sketches.Rule, Gen.Int[0, 5], Sketches.Call).Sample((policy, rule, at, call) =>
    {
        var place = Math.Min(at, policy.Rules.Length);
        var other = rule with { Id = "other", Tools = ["db.*", call.Tool + "?", "?" + call.Tool, call.Tool.ToUpperInvariant()] };

        return Tell(call.Ask(policy.With([.. policy.Rules[..place], other, .. policy.Rules[place..]]).Load())) == Tell(call.Ask(policy.Load()));
    }, iter: Iterations);

    [Fact]
    public void A_shadow_rule_decides_nothing_wherever_it_stands() => Gen.Select(Sketches.Policy, Sketches.Rule, Gen.Int[0, 5], Sketches.Call).Sample((policy, rule, at, call) =>
    {
        var place = Math.Min(at, policy.Rules.Length);
        var without = call.Ask(policy.Load());

        var with = call.Ask(policy.With([.. policy.Rules[..place], rule with { Id = "shadow", IsShadow = true }, .. policy.Rules[place..]]).Load());

        return (with.Outcome, with.Rule, with.Reason) == (without.Outcome, without.Rule, without.Reason);
    }, iter: Iterations);

    [Fact]
    public void Deciding_twice_gives_the_same_answer() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        var loaded = policy.Load();
        var once = Tell(call.Ask(loaded));

        return once == Tell(call.Ask(loaded)) && once == Tell(call.Ask(policy.Load()));
    }, iter: Iterations);

    [Fact]
    public void Removing_a_condition_from_an_allow_rule_never_turns_its_allow_into_a_deny() => Gen.Select(Sketches.Rule, Sketches.Call).Sample((rule, call) =>
    {
        var allow = rule with { Id = "only", Outcome = Outcome.Allow };
        if (Alone(allow, call).Outcome is not Outcome.Allow) return true;

        return new[] { allow with { Prefixes = null }, allow with { Outside = null }, allow with { Domains = null } }.All(wider => Alone(wider, call).Outcome is Outcome.Allow);
    }, iter: Iterations);

    [Fact]
    public void An_error_in_a_condition_of_an_allow_rule_never_yields_an_allow() =>
        Gen.Select(Sketches.RuleAboutPaths, Sketches.Call, Sketches.BadPath).Sample((rule, call, bad) =>
            Alone(rule with { Id = "only", Outcome = rule.Outcome is Outcome.Deny ? Outcome.Allow : rule.Outcome }, call with { Paths = [.. call.Paths, bad] }).Outcome is Outcome.Deny, iter: Iterations);

    [Fact]
    public void Where_every_rule_asks_for_a_path_a_path_without_canonical_form_is_never_let_through() =>
        Gen.Select(Sketches.Policies(Gen.Const(false), Sketches.RuleAboutPaths), Sketches.Call, Sketches.BadPath).Sample((policy, call, bad) =>
            call with { Paths = [bad, .. call.Paths] } is var broken && broken.Ask(policy.Load()).Outcome is Outcome.Deny, iter: Iterations);

    [Fact]
    public void An_error_in_a_condition_of_a_deny_rule_denies() => Gen.Select(Sketches.Policy, Sketches.Call, Sketches.BadUrl).Sample((policy, call, bad) =>
    {
        var first = new RuleSketch("first", ["*"], Outcome.Deny, null, null, ["blocked.test"]);

        return (call with { Urls = [.. call.Urls, bad] }).Ask(policy.With([first, .. policy.Rules]).Load()) is { Outcome: Outcome.Deny, Rule: "first" };
    }, iter: Iterations);

    [Fact]
    public void Explaining_a_decision_does_not_change_it() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        var loaded = policy.Load();
        var (decided, explained) = (call.Ask(loaded), call.Explain(loaded));
        return Tell(decided with { Trace = DecisionTrace.Empty }) == Tell(explained with { Trace = DecisionTrace.Empty })
            && (decided.Outcome is Outcome.Allow || Tell(decided) == Tell(explained));
    }, iter: Iterations);

    [Fact]
    public void The_trace_of_a_rule_that_lets_through_holds_true_conditions_only() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        var decision = call.Explain(policy.Load());
        return decision.Outcome is Outcome.Deny || decision.Rule is null
            || (decision.Trace.Rules[^1] is { Matched: true } last && last.Rule == decision.Rule && last.Conditions.All(condition => condition.Value is Truth.True));
    }, iter: Iterations);

    [Fact]
    public void What_is_let_through_belongs_to_a_tool_that_could_be_allowed() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        var loaded = policy.Load();
        return call.Ask(loaded).Outcome is Outcome.Deny || loaded.CouldAllow(call.Tool);
    }, iter: Iterations);

    [Fact]
    public void The_index_finds_the_rules_that_cover_a_tool_and_in_their_order() => Gen.Select(Sketches.Policy, Sketches.Policy, Sketches.Call).Sample((first, second, call) =>
    {
        var policy = first.With([.. first.Rules, .. second.Rules.Select(static rule => rule with { Id = rule.Id + "b" })]).Load();
        return policy.RulesFor(call.Tool).ToArray().SequenceEqual(policy.Rules.Where(rule => rule.Covers(call.Tool)));
    }, iter: 5_000);

    [Fact]
    public void A_message_and_its_details_repeat_no_argument() => Gen.Select(Sketches.Policy, Sketches.Call).Sample((policy, call) =>
    {
        const string secret = "s3cr3t-value";
        var decision = (call with { Paths = [$"/data/{secret}", $"//{secret}"], Urls = [$"https://{secret}.test/", $"https://{secret}@x.test"] }).Ask(policy.Load());
        return !Tell(decision).Contains(secret, StringComparison.Ordinal);
    }, iter: Iterations);

    private static Decision Alone(RuleSketch rule, CallSketch call) => call.Ask(new PolicySketch(AllowsByDefault: false, [rule]).Load());

    // Records that hold collections compare by reference; what they say is compared instead.
    private static string Tell(Decision decision) => string.Join('\n',
    [
        $"{decision.Outcome} {decision.Rule} {decision.Reason} {decision.Message}",
        .. decision.Details.Select(detail => detail.ToString()),
        .. decision.Trace.Rules.SelectMany(rule => rule.Conditions.Select(condition =>
            $"{rule.Rule} {rule.Outcome} {rule.Matched} {condition.Condition} {condition.Value} {string.Join(' ', condition.Details)} {string.Join(' ', condition.Notes)}")),
    ]);
}
