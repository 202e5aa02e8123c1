namespace McpShield.Policy.Redaction;

/// <summary>Numbers as people write them: where they may start and end, and digits in groups.</summary>
internal static class Digits
{
    /// <summary>The next digit at or after a position that no letter, digit or decimal point precedes; -1 when there is none.</summary>
    public static int NextStart(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length)
        {
            var at = text[from..].IndexOfAnyInRange('0', '9');
            if (at < 0) return -1;
            at += from;
            if (IsStart(text, at)) return at;
            from = at + 1;
            while (from < text.Length && char.IsAsciiDigit(text[from])) from++;
        }

        return -1;
    }

    /// <summary>Whether a value may start here: not within a word, and not behind the point of `0.4111…`.</summary>
    public static bool IsStart(ReadOnlySpan<char> text, int at) =>
        at == 0 || (!char.IsAsciiLetterOrDigit(text[at - 1]) && !(text[at - 1] == '.' && at > 1 && char.IsAsciiDigit(text[at - 2])));

    /// <summary>Whether a value may end here: not within a word, and not before the point of a fraction.</summary>
    public static bool IsEnd(ReadOnlySpan<char> text, int at) =>
        at == text.Length || (!char.IsAsciiLetterOrDigit(text[at]) && !(text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])));

    /// <summary>Whether nothing like `12-` before or `-34` after makes it a part of something longer.</summary>
    public static bool StandsAlone(ReadOnlySpan<char> text, int start, int end) =>
        !(start > 1 && text[start - 1] == '-' && char.IsAsciiLetterOrDigit(text[start - 2]) && char.IsAsciiDigit(text[start - 2]))
        && !(end + 1 < text.Length && text[end] == '-' && char.IsAsciiDigit(text[end + 1]));

    /// <summary>Reads groups of digits with one of the separators between them. Answers the end, or -1.</summary>
    public static int Groups(ReadOnlySpan<char> text, int start, ReadOnlySpan<byte> groups, ReadOnlySpan<char> separators, Span<char> digits)
    {
        var (at, count) = (start, 0);
        for (var group = 0; group < groups.Length; group++)
        {
            if (group > 0 && (at >= text.Length || !separators.Contains(text[at++]))) return -1;
            for (var left = groups[group]; left > 0; left--, at++)
            {
                if (at >= text.Length || !char.IsAsciiDigit(text[at])) return -1;
                digits[count++] = text[at];
            }
        }

        return IsEnd(text, at) ? at : -1;
    }

    /// <summary>The remainder of a decimal number of any length.</summary>
    public static int Modulo(ReadOnlySpan<char> digits, int divisor)
    {
        var rest = 0;
        foreach (var digit in digits) rest = (rest * 10 + digit - '0') % divisor;
        return rest;
    }

    public static bool AreAllTheSame(ReadOnlySpan<char> digits) => !digits.ContainsAnyExcept(digits[0]);
}
