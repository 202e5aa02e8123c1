using McpShield.Policy.Analysis.Witnesses;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Analysis;

/// <summary>Which rules can ever decide.</summary>
internal static class Reachability
{
    /// <summary>Rules that decide no call, each with whether their own conditions can hold at all. Only what is proved.</summary>
    public static IReadOnlyList<(Rule Rule, bool CanHold)> Unreachable(CompiledPolicy policy, CancellationToken ct)
    {
        var live = policy.Rules.Where(static rule => !rule.IsShadow).ToList();
        var (reached, holding, open) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var tools = new WitnessSpace();
        foreach (var tool in tools.Tools(live.SelectMany(static rule => rule.Patterns)))
        {
            var covering = policy.RulesFor(tool).ToArray().Where(static rule => !rule.IsShadow).ToList();
            if (covering.All(rule => reached.Contains(rule.Id))) continue;
            var space = new WitnessSpace();
            foreach (var call in space.Calls(tool, covering.Select(rule => (rule, policy.Settings))))
            {
                ct.ThrowIfCancellationRequested();
                if (!JsonTree.TryRead(call.Arguments, JsonLimits.Arguments, out var arguments, out _)) continue;
                using (arguments)
                {
                    if (WitnessSpace.Judge(policy, call, arguments!).Rule is { } decided) reached.Add(decided);
                    foreach (var rule in covering.Where(rule => !holding.Contains(rule.Id) && rule.Holds(new(call.Tool, arguments!.Root, call.Context), policy.Settings))) holding.Add(rule.Id);
                }

                if (covering.All(rule => reached.Contains(rule.Id))) break;
            }

            if (!space.IsComplete) open.UnionWith(covering.Select(static rule => rule.Id));
        }

        return tools.IsComplete ? [.. live.Where(rule => !reached.Contains(rule.Id) && !open.Contains(rule.Id)).Select(rule => (rule, holding.Contains(rule.Id)))] : [];
    }
}
