namespace McpShield.Policy.Language.Formatting;

/// <summary>Gives every comment to the entry it speaks of. Nothing is dropped: what fits nowhere else closes the collection.</summary>
internal sealed class CommentPlacement(IReadOnlyList<Comment> comments)
{
    private int next;

    public void Place(LayoutCollection root)
    {
        PlaceIn(root, int.MaxValue);
        var rest = TakeBefore(int.MaxValue);
        if (root.Entries.Count > 0) CloseDeeper(root.Entries[^1], root.Entries[0].Column, rest);
        root.Closing.AddRange(rest);
    }

    private void PlaceIn(LayoutCollection collection, int limit)
    {
        for (var i = 0; i < collection.Entries.Count; i++)
        {
            var entry = collection.Entries[i];
            var before = TakeBefore(entry.Start);
            if (i > 0 && !collection.IsFlow) CloseDeeper(collection.Entries[i - 1], entry.Column, before);
            entry.Leading.AddRange(before);
            PlaceAround(entry, i + 1 < collection.Entries.Count ? Math.Min(limit, collection.Entries[i + 1].Start) : limit);
        }

        if (collection.IsFlow) collection.Closing.AddRange(TakeBefore(collection.End));
    }

    private void PlaceAround(LayoutEntry entry, int limit)
    {
        var value = entry.Value;
        var between = TakeBefore(value.Start);
        if (between is [{ IsOwnLine: false } opener, ..])
        {
            entry.Opener = opener;
            between.RemoveAt(0);
        }

        if (value is LayoutCollection { Entries: [var first, ..] } collection)
        {
            // `{  # why`: the brace goes, the comment stays on the line.
            if (entry.Opener is null && Peek(first.Start) is { IsOwnLine: false } braced && braced.Line == collection.StartLine)
            {
                entry.Opener = braced;
                next++;
            }

            PlaceIn(collection, collection.IsFlow ? collection.End : limit);
            first.Leading.InsertRange(0, between);
        }
        else
        {
            entry.BeforeValue.AddRange(between);
        }

        var line = value is LayoutScalar { IsBlock: true } ? value.StartLine : value.EndLine;
        if (Peek(limit) is { IsOwnLine: false } trailing && trailing.Line == line)
        {
            entry.Trailing = trailing;
            next++;
        }
    }

    /// <summary>A comment that stands deeper than what follows belongs to the block before: a rule's last line, put out of force.</summary>
    private static void CloseDeeper(LayoutEntry before, int column, List<Comment> found)
    {
        var deepest = int.MaxValue;
        while (found is [{ IsOwnLine: true } comment, ..] && comment.Column > column)
        {
            LayoutCollection? home = null;
            var node = before.Value;
            while (node is LayoutCollection { IsFlow: false, Entries: [var first, ..] and [.., var last] } block)
            {
                if (first.Column <= Math.Min(comment.Column, deepest)) home = block;
                node = last.Value;
            }

            if (home is null) return;
            deepest = home.Entries[0].Column;
            home.Closing.Add(comment);
            found.RemoveAt(0);
        }
    }

    private Comment? Peek(int limit) => next < comments.Count && comments[next].Start < limit ? comments[next] : null;

    private List<Comment> TakeBefore(int limit)
    {
        var taken = new List<Comment>();
        while (Peek(limit) is { } comment)
        {
            taken.Add(comment);
            next++;
        }

        return taken;
    }
}
