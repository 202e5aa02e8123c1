using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>
/// The calls that tell policies apart: for each way in which tool patterns overlap, and for each combination of regions that the conditions
/// there know, one call. What no call of these shows, no call shows, where <see cref="IsComplete"/> says so.
/// </summary>
internal sealed class WitnessSpace
{
    private const int Budget = 60_000;
    private const int Samples = 8_000;

    private readonly SortedSet<string> unproved = new(StringComparer.Ordinal);

    /// <summary>Whether the calls asked for so far were all that matter.</summary>
    public bool IsComplete => unproved.Count == 0;

    /// <summary>What the calls did not cover completely, in sentences.</summary>
    public IReadOnlyCollection<string> Unproved => unproved;

    /// <summary>A tool for each cell of the patterns; one that no pattern covers among them.</summary>
    public IReadOnlyList<string> Tools(IEnumerable<string> patterns)
    {
        var all = patterns.Distinct(StringComparer.Ordinal).ToList();
        if (GlobCells.Of(all, "zZ._", ToolPattern.IsToolName) is { } cells) return cells;
        unproved.Add("the tool patterns overlap in too many ways");
        return [.. all.Select(static pattern => pattern.Replace("*", "z", StringComparison.Ordinal).Replace('?', 'z')).Where(ToolPattern.IsToolName), "zz.zz"];
    }

    /// <summary>The calls of one tool that its rules tell apart.</summary>
    public IEnumerable<CallText> Calls(string tool, IEnumerable<(Rule Rule, PolicySettings Settings)> rules)
    {
        var set = DimensionBuilder.Of(rules);
        unproved.UnionWith(set.Unproved);
        if (set.Size > Budget)
        {
            unproved.Add($"there are more than {Budget} kinds of call of `{tool}`; {Samples} of them were tried");
            return Sampled(tool, set.Dimensions);
        }

        return All(tool, set.Dimensions);
    }

    /// <summary>Decides a sketched call.</summary>
    public static Verdict Judge(CompiledPolicy policy, CallText call, JsonTree arguments) => Authorizer.Judge(policy, new ToolCall(call.Tool, arguments.Root, call.Context));

    private static IEnumerable<CallText> All(string tool, IReadOnlyList<Dimension> dimensions)
    {
        var at = new int[dimensions.Count];
        while (true)
        {
            yield return Make(tool, dimensions, at);
            var turn = 0;
            while (turn < at.Length && ++at[turn] == dimensions[turn].Values.Count) at[turn++] = 0;
            if (turn == at.Length) yield break;
        }
    }

    // The same calls in every run: an answer must not depend on luck.
    private static IEnumerable<CallText> Sampled(string tool, IReadOnlyList<Dimension> dimensions)
    {
        var at = new int[dimensions.Count];
        for (var dimension = 0; dimension < at.Length; dimension++)
        {
            for (var value = 0; value < dimensions[dimension].Values.Count; value++)
            {
                Array.Clear(at);
                at[dimension] = value;
                yield return Make(tool, dimensions, at);
            }
        }

        var state = 0x9E3779B97F4A7C15UL;
        for (var count = 0; count < Samples; count++)
        {
            for (var dimension = 0; dimension < at.Length; dimension++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                at[dimension] = (int)(state % (ulong)dimensions[dimension].Values.Count);
            }

            yield return Make(tool, dimensions, at);
        }
    }

    private static CallText Make(string tool, IReadOnlyList<Dimension> dimensions, int[] at)
    {
        var sketch = new Sketch(tool);
        for (var i = 0; i < at.Length; i++) dimensions[i].Values[at[i]](sketch);
        return sketch.ToCall();
    }
}
