namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Spanish identity numbers: eight digits (DNI) or X, Y, Z and seven (NIE), and the letter that follows from them.</summary>
internal static class EsDni
{
    private const string Letters = "TRWAGMYFPDXBNJZSQVHLCKE";

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at..].IndexOfAnyInRange('0', '9');
            if (next < 0) return;
            at += next;
            var end = Try(text, at, out var start);
            if (end > 0) found.Add(start, end);
            if (end > 0) at = end - 1;
            else while (at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])) at++;
        }
    }

    private static int Try(ReadOnlySpan<char> text, int first, out int start)
    {
        Span<char> digits = stackalloc char[8];
        start = first;
        var dash = first > 1 && text[first - 1] == '-' ? 1 : 0;
        var isNie = first > dash && (text[first - 1 - dash] | 0x20) is 'x' or 'y' or 'z';
        if (isNie) start = first - 1 - dash;
        if (!Digits.IsStart(text, start)) return -1;

        // As in 12345678Z, 12.345.678-Z, X-1234567-L.
        var (at, count) = (first, 0);
        if (isNie) digits[count++] = (char)('0' + (text[start] | 0x20) - 'x');
        while (count < 8)
        {
            if (at >= text.Length) return -1;
            if (text[at] == '.' && count is 2 or 5) at++;
            if (at >= text.Length || !char.IsAsciiDigit(text[at])) return -1;
            digits[count++] = text[at++];
        }

        var isApart = at < text.Length && text[at] is '-' or ' ';
        if (isApart) at++;
        if (at >= text.Length || (text[at - 1] == ' ' && !char.IsAsciiLetterUpper(text[at]))) return -1;
        var letter = Letters[Digits.Modulo(digits, 23)];
        return (text[at] & ~0x20) == letter && Digits.IsEnd(text, at + 1) ? at + 1 : -1;
    }
}
