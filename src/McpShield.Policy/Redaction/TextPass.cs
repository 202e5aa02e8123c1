using System.Text;

namespace McpShield.Policy.Redaction;

/// <summary>Plain text, found and rewritten until nothing is left to find.</summary>
internal sealed class TextPass(Arsenal arsenal, Replacement replacement)
{
    private const int MaxRounds = 8;

    /// <summary>The text as it may pass, or <c>null</c> when it could not be looked at to the end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name of the member it stands under.</param>
    /// <param name="hits">What was found, in order, without overlaps.</param>
    public string? Rewrite(string text, ReadOnlySpan<char> name, out List<Hit> hits)
    {
        hits = [];
        if (!arsenal.TryFind(text, name, withTags: true, hits)) return null;
        hits = Hits.Merge(hits);

        // THREAT: cutting out one value joins its neighbours, which may be the halves of another (`4111 1111 X 1111 1111`). The
        // output is looked at as the input was; what turns up there is found in the original, from first half to last.
        for (var round = 0; round < MaxRounds; round++)
        {
            if (hits.TrueForAll(static hit => hit.Action is FilterAction.Tag or FilterAction.Block)) return text;
            var output = Write(text, hits, out var starts);
            var again = new List<Hit>();
            if (!arsenal.TryFind(output, name, withTags: false, again)) return null;
            if (again.Count == 0) return output;

            var all = new List<Hit>(hits);
            foreach (var hit in again) all.Add(Hit.Of(Back(hit.Start, hits, starts, isEnd: false), Back(hit.End, hits, starts, isEnd: true), hit.Armed));
            all = Hits.Merge(all);
            if (all.SequenceEqual(hits)) return output;
            hits = all;
        }

        return null;
    }

    private string Write(string text, List<Hit> hits, out List<(int Start, int End)> written)
    {
        var output = new StringBuilder(text.Length);
        written = new(hits.Count);
        var at = 0;
        foreach (var hit in hits)
        {
            output.Append(text, at, hit.Start - at);
            var start = output.Length;
            if (hit.IsTag) output.Append(text, hit.Start, hit.End - hit.Start);
            else output.Append(replacement.For(text, hit));
            written.Add((start, output.Length));
            at = hit.End;
        }

        return output.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Where a position of the output came from. One within a replacement stands for the whole of what was replaced.</summary>
    private static int Back(int position, List<Hit> hits, List<(int Start, int End)> written, bool isEnd)
    {
        // The last replacement that starts before the position, or at it.
        var (low, high) = (0, written.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (written[middle].Start < position || (!isEnd && written[middle].Start == position)) low = middle + 1;
            else high = middle;
        }

        if (low == 0) return position;
        var (hit, range) = (hits[low - 1], written[low - 1]);
        if (position > range.End || (position == range.End && (isEnd || range.End > range.Start))) return hit.End + position - range.End;
        if (hit.IsTag) return hit.Start + position - range.Start;
        return isEnd ? hit.End : !isEnd && range.Start == range.End ? hit.End : hit.Start;
    }
}
