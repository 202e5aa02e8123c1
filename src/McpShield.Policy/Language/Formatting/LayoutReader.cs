using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace McpShield.Policy.Language.Formatting;

/// <summary>Reads a text that <see cref="YamlReader"/> has accepted once more, now with the span of everything in it.</summary>
/// <remarks>
/// The comments are not asked of the parser: it drops some in flow collections and fails on others. They are what is left of the text
/// between the values (<see cref="CommentScanner"/>).
/// </remarks>
internal sealed class LayoutReader(string text, TextLines lines)
{
    private readonly Parser parser = new(new Scanner(new StringReader(text), skipComments: true));

    /// <summary>Every scalar and key, in the order of the text.</summary>
    public List<LayoutScalar> Scalars { get; } = [];

    public LayoutNode Read()
    {
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        return ReadNode();
    }

    private LayoutNode ReadNode() => parser.Consume<ParsingEvent>() switch
    {
        Scalar scalar => ReadScalar(scalar),
        SequenceStart list => ReadCollection(list, isMap: false, list.Style is SequenceStyle.Flow),
        MappingStart map => ReadCollection(map, isMap: true, map.Style is MappingStyle.Flow),
        _ => throw new CannotFormatException("it holds something else than mappings, lists and scalars", 0),
    };

    private LayoutScalar ReadScalar(Scalar scalar)
    {
        var (start, end) = ((int)scalar.Start.Index, (int)scalar.End.Index);
        var isBlock = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded;
        if (isBlock)
        {
            // The parser's end lies behind the empty lines that follow.
            while (end > start && text[end - 1] is ' ' or '\n') end--;
        }

        var read = new LayoutScalar
        {
            Start = start, End = end, StartLine = lines.LineOf(start), EndLine = lines.LineOf(end), Column = lines.ColumnOf(start),
            Raw = text[start..end], Value = scalar.Value, IsBlock = isBlock,
        };
        Scalars.Add(read);
        return read;
    }

    private LayoutCollection ReadCollection(NodeEvent opening, bool isMap, bool isFlow)
    {
        var start = (int)opening.Start.Index;
        var read = new LayoutCollection { Start = start, StartLine = lines.LineOf(start), Column = lines.ColumnOf(start), IsMap = isMap, IsFlow = isFlow };
        while (!(isMap ? parser.Accept<MappingEnd>(out _) : parser.Accept<SequenceEnd>(out _))) read.Entries.Add(isMap ? ReadPair() : ReadItem(read));

        var closing = parser.Consume<ParsingEvent>();
        read.End = EndOf(read, (int)closing.End.Index);
        read.EndLine = lines.LineOf(read.End);
        return read;
    }

    private LayoutEntry ReadPair()
    {
        var key = ReadScalar(parser.Consume<Scalar>());
        if (!key.IsOneLine || key.IsBlock) throw new CannotFormatException("a key runs over several lines", key.Start);
        return new(key, ReadNode(), key.Start, key.Column) { HasBlankBefore = lines.IsBlank(key.StartLine - 1) };
    }

    private LayoutEntry ReadItem(LayoutCollection list)
    {
        var from = list.Entries.Count == 0 ? list.Start : list.Entries[^1].Value.End;
        var value = ReadNode();
        var start = list.IsFlow ? value.Start : DashAfter(from);
        return new(null, value, start, lines.ColumnOf(start)) { HasBlankBefore = lines.IsBlank(lines.LineOf(start) - 1) };
    }

    private int DashAfter(int from)
    {
        var isComment = false;
        for (var at = from; at < text.Length; at++)
        {
            if (text[at] == '-' && !isComment) return at;
            isComment = text[at] != '\n' && (isComment || text[at] == '#');
        }

        throw new CannotFormatException("an item of a list has no dash", from);
    }

    // A block ends where its last value does; so does the mapping of one pair in a flow list, which has no brace.
    private int EndOf(LayoutCollection read, int end)
    {
        if (read.IsFlow && text[read.Start] == (read.IsMap ? '{' : '['))
        {
            // The parser's end is where the brace stands, not behind it.
            if (end < text.Length && text[end] == (read.IsMap ? '}' : ']')) return end + 1;
            throw new CannotFormatException("a brace does not stand where it should", read.Start);
        }

        return read.Entries.Count == 0 ? read.Start : LastEnd(read);
    }

    private static int LastEnd(LayoutCollection read) => Math.Max(read.Entries[^1].Value.End, read.Entries[^1].Key?.End ?? 0);
}

/// <summary>A text is a policy's YAML, and yet there is no safe way to write it anew.</summary>
internal sealed class CannotFormatException(string message, int at) : Exception(message)
{
    public int At { get; } = at;
}
