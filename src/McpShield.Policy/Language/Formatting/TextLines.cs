namespace McpShield.Policy.Language.Formatting;

/// <summary>Places in a text as lines and columns, both from 0.</summary>
internal sealed class TextLines
{
    private readonly string text;
    private readonly List<int> starts = [0];

    public TextLines(string text)
    {
        this.text = text;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\n') starts.Add(at + 1);
        }
    }

    public int LineOf(int at)
    {
        var found = starts.BinarySearch(at);
        return found >= 0 ? found : ~found - 1;
    }

    public int ColumnOf(int at) => at - starts[LineOf(at)];

    public bool IsBlank(int line)
    {
        if (line < 0 || line >= starts.Count) return false;
        var end = line + 1 < starts.Count ? starts[line + 1] : text.Length;
        return text.AsSpan(starts[line], end - starts[line]).IsWhiteSpace();
    }
}
