using System.Text;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Json;

/// <summary>No two members of an object may carry names that some reader could take for one another.</summary>
internal static class MemberNames
{
    // Up to here, comparing every pair is faster than hashing; beyond it, quadratic work would be an attacker's lever.
    private const int PairwiseLimit = 12;

    // THREAT: `{"name":"safe","Name":"evil"}`. Readers differ in which member they take; some fold case or compatibility
    // characters (`ſ`, `K`). So names must differ after NFKC and case folding, and the question never arises.
    public static bool AreDistinct(ReadOnlySpan<byte> text, JsonTree.Node[] nodes, int container, out JsonFault fault)
    {
        fault = default;
        var count = nodes[container].Count;
        if (count < 2) return true;

        return count <= PairwiseLimit && AllArePlain(text, nodes, container, count)
            ? ArePairwiseDistinct(text, nodes, container, count, out fault)
            : AreDistinctFolded(text, nodes, container, count, out fault);
    }

    private static bool AllArePlain(ReadOnlySpan<byte> text, JsonTree.Node[] nodes, int container, int count)
    {
        for (int at = container + 1, left = count; left > 0; at = nodes[at + 1].Next, left--)
        {
            if (nodes[at].IsEscaped || !IsPlain(Inner(text, nodes[at]))) return false;
        }

        return true;
    }

    private static bool ArePairwiseDistinct(ReadOnlySpan<byte> text, JsonTree.Node[] nodes, int container, int count, out JsonFault fault)
    {
        for (int at = container + 1, left = count; left > 1; at = nodes[at + 1].Next, left--)
        {
            for (int other = nodes[at + 1].Next, rest = left - 1; rest > 0; other = nodes[other + 1].Next, rest--)
            {
                if (!Inner(text, nodes[at]).SequenceEqual(Inner(text, nodes[other]))) continue;
                fault = Duplicate(text, nodes[other]);
                return false;
            }
        }

        fault = default;
        return true;
    }

    private static bool AreDistinctFolded(ReadOnlySpan<byte> text, JsonTree.Node[] nodes, int container, int count, out JsonFault fault)
    {
        var seen = new HashSet<string>(count, StringComparer.Ordinal);
        for (int at = container + 1, left = count; left > 0; at = nodes[at + 1].Next, left--)
        {
            if (seen.Add(UnicodeText.FoldForComparison(StringChecks.Decode(Inner(text, nodes[at]), nodes[at].IsEscaped)))) continue;
            fault = Duplicate(text, nodes[at]);
            return false;
        }

        fault = default;
        return true;
    }

    private static JsonFault Duplicate(ReadOnlySpan<byte> text, in JsonTree.Node name) => new(
        JsonFaultKind.DuplicateName, name.Start, $"the member name `{Shorten(StringChecks.Decode(Inner(text, name), name.IsEscaped))}` stands twice in one object");

    private static string Shorten(string name) => name.Length <= 64 ? name : string.Concat(name.AsSpan(0, 64), "…");

    private static ReadOnlySpan<byte> Inner(ReadOnlySpan<byte> text, in JsonTree.Node name) => text.Slice(name.Start + 1, name.Length - 2);

    /// <summary>ASCII without upper-case letters: equal to its own folded form.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> name) =>
        Ascii.IsValid(name) && !name.ContainsAnyInRange((byte)'A', (byte)'Z');
}
