namespace McpShield.Policy.Redaction;

/// <summary>A range of the original text that detectors found, named for one of them.</summary>
/// <param name="Start">UTF-16 code units.</param>
/// <param name="End">After the last.</param>
/// <param name="Armed">The detector that names it.</param>
/// <param name="Action">The strictest action of all detectors that found a part of it.</param>
/// <param name="CoreStart">Where the naming detector's own match starts.</param>
/// <param name="CoreEnd">And ends.</param>
/// <param name="ShowsLastFour">Whether every detector in it allows that.</param>
internal readonly record struct Hit(int Start, int End, ArmedDetector Armed, FilterAction Action, int CoreStart, int CoreEnd, bool ShowsLastFour)
{
    public static Hit Of(int start, int end, ArmedDetector armed) => new(start, end, armed, armed.Action, start, end, armed.Detector.ShowsLastFour);

    public bool IsTag => Action is FilterAction.Tag;
}

/// <summary>A detector that a filter of this redactor asks for.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Order">Its line in the table.</param>
/// <param name="Filter">The filter whose action is taken.</param>
/// <param name="Action">The strictest action among the filters that ask for it.</param>
/// <param name="Tags">The filters that tag.</param>
internal sealed record ArmedDetector(Detector Detector, int Order, string Filter, FilterAction Action, string[] Tags);

/// <summary>Makes findings that do not overlap out of matches that may.</summary>
internal static class Hits
{
    // INVARIANT: no code unit that any rewriting detector matched survives. So matches that overlap become one finding over
    // all of them; choosing one would leave the rest of the other in the text. A tag never stands in the way of that.
    public static List<Hit> Merge(List<Hit> hits)
    {
        if (hits.Count < 2) return hits;
        var rewriting = Join(hits.Where(static hit => !hit.IsTag));
        var tags = Join(hits.Where(static hit => hit.IsTag));
        if (tags.Count == 0) return rewriting;

        var all = new List<Hit>(rewriting.Count + tags.Count);
        var next = 0;
        foreach (var tag in tags)
        {
            while (next < rewriting.Count && rewriting[next].End <= tag.Start) all.Add(rewriting[next++]);
            if (next == rewriting.Count || rewriting[next].Start >= tag.End) all.Add(tag);
        }

        all.AddRange(rewriting[next..]);
        return all;
    }

    private static List<Hit> Join(IEnumerable<Hit> hits)
    {
        var joined = new List<Hit>();
        foreach (var hit in hits.OrderBy(static hit => hit.Start).ThenByDescending(static hit => hit.End))
        {
            if (joined.Count == 0 || joined[^1].End <= hit.Start) joined.Add(hit);
            else joined[^1] = Join(joined[^1], hit);
        }

        return joined;
    }

    // The longest match names the finding; then the first; then the table.
    private static Hit Join(Hit left, Hit right)
    {
        var (ours, theirs) = (left.CoreEnd - left.CoreStart, right.CoreEnd - right.CoreStart);
        var isLeft = ours != theirs ? ours > theirs : left.CoreStart != right.CoreStart ? left.CoreStart < right.CoreStart : left.Armed.Order <= right.Armed.Order;
        return (isLeft ? left : right) with
        {
            Start = Math.Min(left.Start, right.Start),
            End = Math.Max(left.End, right.End),
            Action = left.Action < right.Action ? left.Action : right.Action,
            ShowsLastFour = left.ShowsLastFour && right.ShowsLastFour,
        };
    }
}
