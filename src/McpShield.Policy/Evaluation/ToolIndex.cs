namespace McpShield.Policy.Evaluation;

/// <summary>
/// Finds the rules that cover a tool without asking each of them: patterns without a wildcard by the whole name, every other one by
/// what stands before its first wildcard. Only patterns that begin with a wildcard are asked of every name.
/// </summary>
internal sealed class ToolIndex
{
    private readonly Rule[] rules;
    private readonly Dictionary<string, List<int>> exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(int Rule, string Pattern)>> heads = new(StringComparer.Ordinal);
    private readonly int[] headLengths;

    public ToolIndex(IReadOnlyList<Rule> rules)
    {
        this.rules = [.. rules];
        for (var at = 0; at < rules.Count; at++)
        {
            foreach (var pattern in rules[at].Patterns) Add(at, pattern);
        }

        headLengths = [.. heads.Keys.Select(static head => head.Length).Distinct()];
    }

    /// <summary>The rules with a pattern that matches <paramref name="tool"/>, in the order of the policy.</summary>
    public Rule[] Covering(string tool)
    {
        var found = new SortedSet<int>();
        if (exact.TryGetValue(tool, out var named)) found.UnionWith(named);
        var byHead = heads.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in headLengths)
        {
            if (length > tool.Length || !byHead.TryGetValue(tool.AsSpan(0, length), out var candidates)) continue;
            foreach (var (rule, pattern) in candidates)
            {
                if (ToolPattern.Matches(pattern, tool)) found.Add(rule);
            }
        }

        return [.. found.Select(at => rules[at])];
    }

    private void Add(int rule, string pattern)
    {
        var wildcard = pattern.AsSpan().IndexOfAny('*', '?');
        if (wildcard < 0) Listed(exact, pattern).Add(rule);
        else Listed(heads, pattern[..wildcard]).Add((rule, pattern));
    }

    private static List<T> Listed<T>(Dictionary<string, List<T>> lists, string key) => lists.TryGetValue(key, out var list) ? list : lists[key] = [];
}
