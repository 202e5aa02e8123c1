namespace McpShield.Policy.Language.Formatting;

/// <summary>Finds the comments of a text: they stand between its scalars, and nothing else with a <c>#</c> does.</summary>
internal static class CommentScanner
{
    private const string Between = " \n-:?,[]{}.";

    public static List<Comment> Find(string text, TextLines lines, IReadOnlyList<LayoutScalar> scalars)
    {
        var comments = new List<Comment>();
        var next = 0;
        for (var at = 0; at < text.Length; at++)
        {
            while (next < scalars.Count && scalars[next].End <= at && scalars[next].Start < at) next++;
            while (next < scalars.Count && scalars[next].Start == scalars[next].End && scalars[next].Start <= at) next++;
            if (next < scalars.Count && scalars[next].Start == at)
            {
                var scalar = scalars[next++];
                if (scalar.IsBlock && HeaderComment(text, scalar) is { } header) comments.Add(At(text, lines, header));
                at = scalar.End - 1;
            }
            else if (text[at] == '#')
            {
                comments.Add(At(text, lines, at));
                at = EndOfLine(text, at) - 1;
            }
            else if (!Between.Contains(text[at], StringComparison.Ordinal))
            {
                throw new CannotFormatException("it holds a directive, a tag, or something else that a policy has no use for", at);
            }
        }

        return comments;
    }

    // `key: |-  # why`
    private static int? HeaderComment(string text, LayoutScalar scalar)
    {
        var at = text.IndexOf('#', scalar.Start);
        return at >= 0 && at < EndOfLine(text, scalar.Start) ? at : null;
    }

    private static Comment At(string text, TextLines lines, int at)
    {
        var line = lines.LineOf(at);
        var column = lines.ColumnOf(at);
        return new(text[at..EndOfLine(text, at)].TrimEnd(), at, line, column, text.AsSpan(at - column, column).IsWhiteSpace(), lines.IsBlank(line - 1));
    }

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is var end && end < 0 ? text.Length : end;
}
