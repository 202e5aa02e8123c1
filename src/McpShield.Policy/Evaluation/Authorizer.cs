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

    /// <summary>The bare answer, the same as <see cref="Decide(CompiledPolicy, ToolCall)"/> gives, for who needs no more: it allocates nothing where the arguments are written plainly.</summary>
    public static Verdict Judge(CompiledPolicy policy, ToolCall call)
    {
        try
        {
            if (RequestProblem(call) is not null) return new(Outcome.Deny, null, Reason.InvalidRequest);
            var finding = Briefly(policy, call);
            return new(finding.Outcome, finding.Rule?.Id, finding.Rule is null ? Reason.Default : Reason.Rule);
        }
        catch (Exception)
        {
            return default; // INVARIANT: the default verdict is a deny, for the reason that the call could not be evaluated.
        }
    }

    private static Decision Decide(CompiledPolicy policy, ToolCall call, bool explain)
    {
        try
        {
            if (RequestProblem(call) is { } problem) return Deny(Reason.InvalidRequest, problem);
            if (explain) return InFull(policy, call);

            // Most calls are simply allowed. Whatever is not that simple is looked at again, in full: nothing of the brief look is kept.
            var finding = Briefly(policy, call);
            if (finding.Outcome is not Outcome.Allow || !finding.IsPlain) return InFull(policy, call);
            if (finding.Rule is not { } rule) return PlainDefault;
            return rule.Limit is null ? rule.Plain : rule.Plain with { Obligations = Obligations(rule, call) };
        }
        catch (Exception)
        {
            // INVARIANT: an exception is a deny. What it says may hold argument values, so nothing of it is passed on.
            return Deny(Reason.EvaluationError, "the call could not be evaluated");
        }
    }

    /// <summary>What a look at the rules came to.</summary>
    /// <param name="Outcome">What to do.</param>
    /// <param name="Rule">The rule that decided; <c>null</c>: the default did.</param>
    /// <param name="IsPlain">Nothing was met on the way that somebody should hear of.</param>
    private readonly record struct Finding(Outcome Outcome, Rule? Rule, bool IsPlain);

    /// <summary>The decision itself: everything above and below only dresses it.</summary>
    private static Finding Look(CompiledPolicy policy, CallFacts facts, TraceBuilder? trace)
    {
        // What the connection says of the statement is one more condition of every rule that would let it through.
        var statement = facts.Call.Statement is { } verdict ? Kleene.Of(verdict.Refusal is null) : Truth.True;
        var isPlain = statement is Truth.True;

        foreach (var rule in policy.RulesFor(facts.Call.Tool))
        {
            var (truth, reading) = (Truth.True, Reading.Of(rule.Outcome));
            if (rule.Outcome is not Outcome.Deny)
            {
                truth = statement;
                if (facts.Call.Statement is not null) trace?.Statement(statement);
            }

            // Every condition is asked, also when the answer is known: what cannot be judged is never passed over in silence.
            foreach (var condition in rule.Asked)
            {
                var value = condition.Evaluate(facts, reading);
                truth = Kleene.And(truth, value);
                isPlain &= value is not Truth.Error;
                trace?.Condition(rule, condition, value, facts);
            }

            // INVARIANT: an error pushes towards deny. A deny rule that cannot be evaluated denies; an allow rule grants nothing.
            var matches = rule.Outcome is Outcome.Deny ? truth is not Truth.False : truth is Truth.True;
            var decides = matches && !rule.IsShadow;
            trace?.Rule(rule, decides, matches);
            isPlain &= !matches || decides; // what a shadow rule would have done is for the record
            if (decides) return new(rule.Outcome, rule, isPlain);
        }

        // A statement that its connection refuses cannot be let through by a permissive default either.
        return new(statement is Truth.True ? policy.Default : Outcome.Deny, null, isPlain);
    }

    private static Finding Briefly(CompiledPolicy policy, ToolCall call)
    {
        // Not given back when something throws: what is left in it then is nobody's business.
        var facts = CallFacts.Brief(call, policy.Settings);
        var finding = Look(policy, facts, trace: null);
        facts.GiveBack();
        return finding;
    }

    private static Decision InFull(CompiledPolicy policy, ToolCall call)
    {
        var trace = new TraceBuilder();
        var (outcome, rule, _) = Look(policy, new(call, policy.Settings), trace);
        ImmutableArray<DecisionDetail> met = call.Statement?.Refusal is { } refusal ? [refusal, .. trace.Obstacles] : [.. trace.Obstacles];
        if (rule is not null)
        {
            return rule.Plain with { Shadows = trace.Shadows, Details = outcome is Outcome.Deny ? met : [.. trace.Errors], Obligations = Obligations(rule, call), Trace = trace.Trace };
        }

        return new()
        {
            Outcome = outcome,
            Reason = Reason.Default,
            Message = outcome is Outcome.Allow ? Messages.DefaultAllows
                : met.Length == 0 ? "no rule allows this call"
                : "no rule allows this call as it stands",
            Details = outcome is Outcome.Allow ? [.. trace.Errors] : Distinct(met),
            Shadows = trace.Shadows,
            Trace = trace.Trace,
        };
    }

    // SPEC: section 3: `arguments` is an object, absent or null; within the limits that every request has.
    private static string? RequestProblem(ToolCall call)
    {
        if (!ToolPattern.IsToolName(call.Tool)) return "the tool's name is not valid";
        if (call.Arguments.Kind is not (JsonKind.Object or JsonKind.Null or JsonKind.Undefined)) return "arguments must be an object";
        if (call.Arguments.Raw.Length > JsonLimits.Arguments.MaxBytes) return "the arguments are too large";
        return call.Arguments.IsDeeperThan(JsonLimits.Arguments.MaxDepth) ? "the arguments are nested too deep" : null;
    }

    private static ImmutableArray<Obligation> Obligations(Rule rule, ToolCall call) =>
        rule.Limit is { } limit ? [new RateLimitObligation(limit, RateLimitCounter.Name(limit, rule.Id, call)), .. rule.Obligations] : rule.Obligations;

    private static Decision Deny(Reason reason, string message) => new() { Outcome = Outcome.Deny, Reason = reason, Message = message };

    // Several rules often stumble over the same argument; once is enough for whoever reads it.
    private static ImmutableArray<DecisionDetail> Distinct(ImmutableArray<DecisionDetail> details) =>
        [.. details.DistinctBy(static detail => (detail.Code, detail.Pointer, detail.Message))];
}
