namespace McpShield.Policy.Language.Formatting;

/// <summary>A value as it was written: its span in the text, and the column and lines it takes there.</summary>
internal abstract class LayoutNode
{
    public required int Start { get; init; }

    public int End { get; set; }

    public required int StartLine { get; init; }

    public int EndLine { get; set; }

    public required int Column { get; init; }
}

/// <summary>A scalar, in the words of the author: quotes and escapes are never touched.</summary>
internal sealed class LayoutScalar : LayoutNode
{
    public required string Raw { get; init; }

    public required string Value { get; init; }

    /// <summary>Written with <c>|</c> or <c>&gt;</c>.</summary>
    public bool IsBlock { get; init; }

    public bool IsOneLine => !Raw.Contains('\n', StringComparison.Ordinal);
}

/// <summary>A mapping or a list.</summary>
internal sealed class LayoutCollection : LayoutNode
{
    public required bool IsMap { get; init; }

    public required bool IsFlow { get; init; }

    public List<LayoutEntry> Entries { get; } = [];

    /// <summary>Comments after the last entry.</summary>
    public List<Comment> Closing { get; } = [];
}

/// <summary>An entry of a mapping, or an item of a list (without a key), and the comments that belong to it.</summary>
internal sealed class LayoutEntry(LayoutScalar? key, LayoutNode value, int start, int column)
{
    public LayoutScalar? Key { get; } = key;

    public LayoutNode Value { get; } = value;

    /// <summary>Where the key or the dash stands.</summary>
    public int Start { get; } = start;

    public int Column { get; } = column;

    public bool HasBlankBefore { get; set; }

    /// <summary>On lines of their own, before it.</summary>
    public List<Comment> Leading { get; } = [];

    /// <summary>On the line of the key or dash, when the value follows on the next.</summary>
    public Comment? Opener { get; set; }

    /// <summary>Between the line of the key and a value that is no collection.</summary>
    public List<Comment> BeforeValue { get; } = [];

    /// <summary>On the line where the value ends.</summary>
    public Comment? Trailing { get; set; }
}

/// <summary>A comment, from its <c>#</c> to the end of the line.</summary>
internal sealed record Comment(string Text, int Start, int Line, int Column, bool IsOwnLine, bool HasBlankBefore);
