using System.Collections.Immutable;
using McpShield.Policy.Analysis.Witnesses;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Analysis;

/// <summary>What a change of a policy comes to.</summary>
public enum PolicyChange
{
    /// <summary>Neither is stricter: some calls gain, others lose. Zero: what nobody compared may be anything.</summary>
    Incomparable,

    /// <summary>Every call is decided alike.</summary>
    Equivalent,

    /// <summary>No call gains, some lose.</summary>
    Stricter,

    /// <summary>No call loses, some gain.</summary>
    MorePermissive,
}

/// <summary>A call that two policies decide differently.</summary>
/// <param name="Call">The call.</param>
/// <param name="Before">What the old policy decides, with the way to it.</param>
/// <param name="After">What the new policy decides, with the way to it.</param>
public sealed record DiffWitness(CallText Call, Decision Before, Decision After)
{
    /// <summary>Whether the new policy lets more through: allow over approve over deny.</summary>
    public bool IsMorePermissive => Rank(After.Outcome) > Rank(Before.Outcome);

    internal static int Rank(Outcome outcome) => outcome switch { Outcome.Allow => 2, Outcome.Approve => 1, _ => 0 };
}

/// <summary>How two policies differ (policy language, section 8).</summary>
/// <param name="Change">What the change comes to, as far as calls showed.</param>
/// <param name="IsProved">Whether the calls tried were all that matter; else a difference may have been missed.</param>
/// <param name="Unproved">What was not covered, in sentences.</param>
/// <param name="Witnesses">One call for each pair of rules that decide differently.</param>
/// <param name="OtherDuties">Rules of the same id that decide alike and ask for something else beside it (limits, filters, labels …).</param>
public sealed record PolicyDiff(PolicyChange Change, bool IsProved, ImmutableArray<string> Unproved, ImmutableArray<DiffWitness> Witnesses, ImmutableArray<string> OtherDuties)
{
    private const int MaxWitnesses = 20;

    /// <summary>The time of witnesses for which the time does not matter.</summary>
    public static DateTimeOffset UsualTime => Moments.Usual;

    /// <summary>Compares two policies. A pure function: the same policies, the same answer, the same calls.</summary>
    /// <param name="before">The policy as it was.</param>
    /// <param name="after">The policy as it would be.</param>
    /// <param name="ct">Ends it early.</param>
    public static PolicyDiff Compare(CompiledPolicy before, CompiledPolicy after, CancellationToken ct = default)
    {
        var space = new WitnessSpace();
        var found = new Dictionary<(string?, string?, Outcome, Outcome), CallText>();
        foreach (var tool in space.Tools(before.Rules.Concat(after.Rules).SelectMany(static rule => rule.Patterns)))
        {
            var (old, now) = (before.RulesFor(tool).ToArray(), after.RulesFor(tool).ToArray());
            if (AreAlike(before, old, after, now)) continue;
            var rules = old.Select(rule => (rule, before.Settings)).Concat(now.Select(rule => (rule, after.Settings)));
            foreach (var call in space.Calls(tool, rules))
            {
                ct.ThrowIfCancellationRequested();
                Note(before, after, call, found);
            }
        }

        var witnesses = found.Values.Select(call => new DiffWitness(call, call.Explain(before), call.Explain(after))).ToList();
        var (more, less) = (witnesses.Exists(static one => one.IsMorePermissive), witnesses.Exists(static one => !one.IsMorePermissive));
        var change = (more, less) switch
        {
            (false, false) => PolicyChange.Equivalent,
            (true, false) => PolicyChange.MorePermissive,
            (false, true) => PolicyChange.Stricter,
            _ => PolicyChange.Incomparable,
        };
        return new(change, space.IsComplete, [.. space.Unproved], [.. witnesses.OrderByDescending(static one => one.IsMorePermissive).Take(MaxWitnesses)], [.. Duties(before, after)]);
    }

    // The same rules in the same order decide alike, whatever they say.
    private static bool AreAlike(CompiledPolicy before, Rule[] old, CompiledPolicy after, Rule[] now) =>
        before.Default == after.Default && before.Settings == after.Settings
        && old.Where(static rule => !rule.IsShadow).Select(static rule => rule.Fingerprint).SequenceEqual(now.Where(static rule => !rule.IsShadow).Select(static rule => rule.Fingerprint), StringComparer.Ordinal);

    private static void Note(CompiledPolicy before, CompiledPolicy after, CallText call, Dictionary<(string?, string?, Outcome, Outcome), CallText> found)
    {
        if (!JsonTree.TryRead(call.Arguments, JsonLimits.Arguments, out var arguments, out _)) return;
        using (arguments)
        {
            var (was, now) = (WitnessSpace.Judge(before, call, arguments!), WitnessSpace.Judge(after, call, arguments!));
            if (was.Outcome != now.Outcome) found.TryAdd((was.Rule, now.Rule, was.Outcome, now.Outcome), call);
        }
    }

    private static IEnumerable<string> Duties(CompiledPolicy before, CompiledPolicy after)
    {
        var old = before.Rules.ToDictionary(static rule => rule.Id, StringComparer.Ordinal);
        foreach (var rule in after.Rules)
        {
            if (old.TryGetValue(rule.Id, out var same) && same.Duties != rule.Duties) yield return rule.Id;
        }

        if (before.IsShadow != after.IsShadow) yield return after.IsShadow ? "mode: shadow (nothing is blocked any more)" : "mode: enforce";
        if (before.ServerRequests != after.ServerRequests) yield return "server_requests";
    }
}
