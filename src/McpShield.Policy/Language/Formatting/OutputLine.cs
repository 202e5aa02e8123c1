using System.Text;

namespace McpShield.Policy.Language.Formatting;

/// <summary>A line to write, with the comment at its end.</summary>
internal sealed record OutputLine(int Indent, string Text, Comment? Comment)
{
    public static OutputLine Blank { get; } = new(0, "", Comment: null);

    public bool IsBlank => Text.Length == 0;

    public bool IsComment { get; init; }

    public int Length => Indent + Text.Length;
}

/// <summary>Comments at the ends of lines: two spaces away, and below each other where the author had put them so.</summary>
internal static class TrailingComments
{
    private const int Gap = 2;

    public static string Join(List<OutputLine> lines)
    {
        var text = new StringBuilder();
        for (var at = 0; at < lines.Count;)
        {
            var end = at + 1;
            while (lines[at].Comment is { } first && end < lines.Count && lines[end].Comment is { } other && other.Column == first.Column) end++;
            var column = lines.Skip(at).Take(end - at).Max(static line => line.Length) + Gap;
            for (; at < end; at++)
            {
                var line = lines[at];
                if (!line.IsBlank) text.Append(' ', line.Indent).Append(line.Text);
                if (line.Comment is { } comment) text.Append(' ', column - line.Length).Append(comment.Text);
                text.Append('\n');
            }
        }

        return text.ToString();
    }
}
