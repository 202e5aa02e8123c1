using System.Collections.Immutable;

namespace McpShield.Policy.Redaction;

/// <summary>Adds every match in the text to the list, in time linear in the text.</summary>
internal delegate void Scan(in Sight sight, Matches found);

/// <summary>One kind of value that must not pass.</summary>
/// <param name="Name">Its name in policies and masks.</param>
/// <param name="Group">The group it belongs to.</param>
/// <param name="Cues">A text without any of these, in any case, holds no match. None: a text without a digit holds no match.</param>
/// <param name="Scan">Finds the matches.</param>
internal sealed record Detector(string Name, string Group, ImmutableArray<string> Cues, Scan Scan)
{
    /// <summary>Whether the last four characters may be shown.</summary>
    public bool ShowsLastFour { get; init; }

    /// <summary>Whether values that differ only in separators and case are one value, and so have one hash.</summary>
    public bool IgnoresSeparators { get; init; }

    /// <summary>Whether it blocks whatever action its filter names.</summary>
    public bool AlwaysBlocks { get; init; }
}

/// <summary>What a detector sees: the folded text, and the name under which it stands.</summary>
internal readonly ref struct Sight(ReadOnlySpan<char> text, ReadOnlySpan<char> name)
{
    private const int Before = 48;
    private const int After = 24;

    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>The name of the member that the text is the value of; empty when there is none.</summary>
    public ReadOnlySpan<char> Name { get; } = name;

    /// <summary>Whether one of the words stands close by, or in the member's name.</summary>
    public bool Says(int start, int end, ReadOnlySpan<string> words)
    {
        var before = Text[Math.Max(0, start - Before)..start];
        var after = Text[end..Math.Min(Text.Length, end + After)];
        foreach (var word in words)
        {
            if (Has(Name, word) || Has(before, word) || Has(after, word)) return true;
        }

        return false;
    }

    // A word is not the inside of another one: `bsn` is not in `absnt`; but `bsn_number`, `bsnNumber` and `BSN2` hold it.
    private static bool Has(ReadOnlySpan<char> text, ReadOnlySpan<char> word)
    {
        for (var from = 0; text[from..].IndexOf(word, StringComparison.OrdinalIgnoreCase) is >= 0 and var at; from += at + 1)
        {
            var (start, end) = (from + at, from + at + word.Length);
            var opens = start == 0 || !char.IsAsciiLetter(text[start - 1]) || (char.IsAsciiLetterLower(text[start - 1]) && char.IsAsciiLetterUpper(text[start]));
            var closes = end == text.Length || !char.IsAsciiLetterLower(text[end]) || word.Length > 4;
            if (opens && closes) return true;
        }

        return false;
    }
}

/// <summary>Collects matches of one text.</summary>
internal sealed class Matches
{
    // More findings than this in one string are an attack on whoever reads them, or a table that should be filtered as a column.
    public const int MaxCount = 20_000;

    private readonly List<(int Start, int End)> found = [];

    public IReadOnlyList<(int Start, int End)> Found => found;

    public bool IsOverflowing => found.Count >= MaxCount;

    public void Add(int start, int end)
    {
        if (!IsOverflowing) found.Add((start, end));
    }
}
