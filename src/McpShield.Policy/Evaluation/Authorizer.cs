using System.Collections.Immutable;
using McpShield.Policy.Conditions;
using McpShield.Policy.Json;
using McpShield.Policy.Limits;

namespace McpShield.Policy.Evaluation;

/// <summary>The policy decision point. Same input, same answer: no clock, no I/O, no state.</summary>
public static class Authorizer
{
    private static readonly Decision PlainDefault = new() { Outcome = Outcome.Allow, Reason = Reason.Default, Message = Messages.DefaultAllows };

    /// <summary>
    /// Decides one call: the first rule that matches, else the default. A deny rule matches unless its conditions are false; an allow or
    /// approve rule only when they are true. Never throws: what fails is a deny with reason <see cref="Reason.EvaluationError"/>.
    /// The trace is there unless the call is simply allowed; <see cref="Explain"/> always has one.
    /// </summary>
    /// <remarks>Source: policy language, section 2.</remarks>
    public static Decision Decide(CompiledPolicy policy, ToolCall call) => Decide(policy, call, explain: false);

    /// <summary>The same decision, always with the way to it.</summary>
    public static Decision Explain(CompiledPolicy policy, ToolCall call) => Decide(policy, call, explain: true);

    private static Decision Decide(CompiledPolicy policy, ToolCall call, bool explain)
    {
        try
        {
            if (RequestProblem(call) is { } problem) return Deny(Reason.InvalidRequest, problem, []);
            return (explain ? null : PlainlyAllowed(policy, call)) ?? DecideInFull(policy, call);
        }
        catch (Exception)
        {
            // INVARIANT: an exception is a deny. What it says may hold argument values, so nothing of it is passed on.
            return Deny(Reason.EvaluationError, "the call could not be evaluated", []);
        }
    }

    /// <summary>The answer when the call is allowed and nothing was met on the way that somebody should hear of; else <c>null</c>.</summary>
    // Most calls end here. Whatever is not that simple is decided again, in full: nothing of this pass is kept.
    private static Decision? PlainlyAllowed(CompiledPolicy policy, ToolCall call)
    {
        if (call.Statement?.Refusal is not null) return null;
        var facts = new CallFacts(call, policy.Settings) { IsBrief = true };
        foreach (var rule in policy.RulesFor(call.Tool))
        {
            var (truth, reading) = (Truth.True, Reading.Of(rule.Outcome));
            foreach (var condition in rule.Conditions)
            {
                var value = condition.Evaluate(facts, reading);
                if (value is Truth.Error) return null;
                truth = Kleene.And(truth, value);
            }

            if (truth is Truth.True && !rule.IsShadow) return rule.Outcome is not Outcome.Allow ? null : rule.Limit is null ? rule.Plain : rule.Plain with { Obligations = Obligations(rule, call) };
        }

        return policy.Default is Outcome.Allow ? PlainDefault : null;
    }

    private static Decision DecideInFull(CompiledPolicy policy, ToolCall call)
    {
        var facts = new CallFacts(call, policy.Settings);
        var trace = ImmutableArray.CreateBuilder<RuleTrace>();
        var met = ImmutableArray.CreateBuilder<DecisionDetail>();
        if (call.Statement?.Refusal is { } refusal) met.Add(refusal);

        foreach (var rule in policy.RulesFor(call.Tool))
        {
            var (truth, conditions) = Look(rule, facts);

            // INVARIANT: an error pushes towards deny. A deny rule that cannot be evaluated denies; an allow rule grants nothing.
            var matches = rule.Outcome is Outcome.Deny ? truth is not Truth.False : truth is Truth.True;
            var decides = matches && !rule.IsShadow;
            trace.Add(new(rule.Id, rule.Outcome, decides, conditions));
            if (!decides)
            {
                met.AddRange(Details(conditions));
                continue;
            }

            return new()
            {
                Outcome = rule.Outcome,
                Rule = rule.Id,
                Reason = Reason.Rule,
                Message = rule.Plain.Message,
                Details = rule.Outcome is Outcome.Deny ? [.. met, .. Details(conditions)] : Errors(trace),
                Obligations = Obligations(rule, call),
                Trace = new(trace.ToImmutable()),
            };
        }

        // A statement that its connection refuses cannot be let through by a permissive default either.
        var outcome = call.Statement?.Refusal is null ? policy.Default : Outcome.Deny;
        return new()
        {
            Outcome = outcome,
            Reason = Reason.Default,
            Message = outcome is Outcome.Allow ? Messages.DefaultAllows
                : met.Count == 0 ? "no rule allows this call"
                : "no rule allows this call as it stands",
            Details = outcome is Outcome.Allow ? Errors(trace) : Distinct(met),
            Trace = new(trace.ToImmutable()),
        };
    }

    private static (Truth Truth, ImmutableArray<ConditionTrace> Conditions) Look(Rule rule, CallFacts facts)
    {
        var truth = Truth.True;
        var conditions = ImmutableArray.CreateBuilder<ConditionTrace>(rule.Conditions.Count + 1);
        var reading = Reading.Of(rule.Outcome);

        // What the connection says of the statement is one more condition of every rule that would let it through.
        if (facts.Call.Statement is { } statement && rule.Outcome is not Outcome.Deny)
        {
            truth = Kleene.Of(statement.Refusal is null);
            conditions.Add(new("statement", truth, [], []));
        }

        foreach (var condition in rule.Conditions)
        {
            facts.Details.Clear();
            facts.Notes.Clear();
            var value = condition.Evaluate(facts, reading);
            truth = Kleene.And(truth, value);
            conditions.Add(new(condition.Key, value, [.. facts.Details.Select(detail => detail with { Rule = rule.Id })], [.. facts.Notes.Distinct(StringComparer.Ordinal)]));
        }

        return (truth, conditions.ToImmutable());
    }

    // SPEC: section 3: `arguments` is an object, absent or null; within the limits that every request has.
    private static string? RequestProblem(ToolCall call)
    {
        if (!ToolPattern.IsToolName(call.Tool)) return "the tool's name is not valid";
        if (call.Arguments.Kind is not (JsonKind.Object or JsonKind.Null or JsonKind.Undefined)) return "arguments must be an object";
        if (call.Arguments.Raw.Length > JsonLimits.Arguments.MaxBytes) return "the arguments are too large";
        return call.Arguments.Depth() > JsonLimits.Arguments.MaxDepth ? "the arguments are nested too deep" : null;
    }

    private static ImmutableArray<Obligation> Obligations(Rule rule, ToolCall call) =>
        rule.Limit is { } limit ? [new RateLimitObligation(limit, RateLimitCounter.Name(limit, rule.Id, call)), .. rule.Obligations] : rule.Obligations;

    private static Decision Deny(Reason reason, string message, ImmutableArray<DecisionDetail> details) =>
        new() { Outcome = Outcome.Deny, Reason = reason, Message = message, Details = details };

    private static IEnumerable<DecisionDetail> Details(ImmutableArray<ConditionTrace> conditions) =>
        conditions.Where(static condition => condition.Value is not Truth.True).SelectMany(static condition => condition.Details);

    private static ImmutableArray<DecisionDetail> Errors(IEnumerable<RuleTrace> rules) =>
        [.. rules.SelectMany(static rule => rule.Conditions).Where(static condition => condition.Value is Truth.Error).SelectMany(static condition => condition.Details)];

    // Several rules often stumble over the same argument; once is enough for whoever reads it.
    private static ImmutableArray<DecisionDetail> Distinct(IEnumerable<DecisionDetail> details) =>
        [.. details.DistinctBy(static detail => (detail.Code, detail.Pointer, detail.Message))];
}
