using System.Collections.Concurrent;
using System.Collections.Immutable;
using McpShield.Policy.Analysis;
using McpShield.Policy.Language;

namespace McpShield.Policy.Evaluation;

/// <summary>A policy that was loaded and may be asked. Immutable; safe for concurrent use.</summary>
public sealed class CompiledPolicy
{
    // Names come from agents, so what is remembered has an end; a name beyond it is looked up each time.
    private const int MaxRemembered = 4_096;

    private readonly ConcurrentDictionary<string, Rule[]> byTool = new(StringComparer.Ordinal);
    private readonly ToolIndex index;
    private int remembered;

    internal CompiledPolicy(string hash, IReadOnlyList<Rule> rules)
    {
        (Hash, Rules) = (hash, rules);
        index = new(rules);
        ReadsSession = rules.Any(static rule => rule.Conditions.Any(static condition => condition.ReadsSession));
    }

    /// <summary>SHA-256 of the source text, as 64 hexadecimal digits: names the version in every record.</summary>
    public string Hash { get; }

    /// <summary>The policy's own name, or <c>null</c>.</summary>
    public string? Name { get; init; }

    /// <summary>What holds when no rule matches: <see cref="Outcome.Deny"/> or <see cref="Outcome.Allow"/>.</summary>
    public Outcome Default { get; init; }

    /// <summary>Whether it only says what it would decide: nothing is blocked, limited or asked, but everything recorded (<c>mode: shadow</c>).</summary>
    public bool IsShadow { get; init; }

    /// <summary>The tests that stand in the policy itself.</summary>
    public ImmutableArray<PolicyTest> Tests { get; init; } = [];

    /// <summary>What an upstream may ask of the agent.</summary>
    public ServerRequests ServerRequests { get; init; } = ServerRequests.None;

    /// <summary>Whether some decision depends on what the session has gathered; else a call may be counted without looking.</summary>
    public bool ReadsSession { get; }

    /// <summary>How many rules it has.</summary>
    public int RuleCount => Rules.Count;

    internal PolicySettings Settings { get; init; } = PolicySettings.Default;

    internal IReadOnlyList<Rule> Rules { get; }

    /// <summary>Whether some call of <paramref name="tool"/> could be let through or sent for approval; decides what is listed to agents.</summary>
    public bool CouldAllow(string tool)
    {
        if (!ToolPattern.IsToolName(tool)) return false;
        if (IsShadow) return true;
        foreach (var rule in RulesFor(tool))
        {
            if (rule.IsShadow) continue;
            if (rule.Outcome is not Outcome.Deny) return true;
            if (rule.IsUnconditional) return false;
        }

        return Default is Outcome.Allow;
    }

    /// <summary>The rules whose pattern covers <paramref name="tool"/>, in order: what a decision costs depends on them, not on the size of the policy.</summary>
    internal ReadOnlySpan<Rule> RulesFor(string tool)
    {
        if (byTool.TryGetValue(tool, out var known)) return known;
        var covering = index.Covering(tool);
        if (Volatile.Read(ref remembered) < MaxRemembered && byTool.TryAdd(tool, covering)) Interlocked.Increment(ref remembered);
        return covering;
    }
}
