namespace McpShield.Policy.Redaction.Detectors;

/// <summary>French social security numbers with their key: sex, year, month, department (2A and 2B too), and 97 less the rest.</summary>
internal static class FrNir
{
    private static ReadOnlySpan<byte> GroupEnds => [1, 3, 5, 7, 10, 13];

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var at = Digits.NextStart(text, 0); at >= 0; at = Digits.NextStart(text, at + 1))
        {
            if (text[at] is not ('1' or '2' or '3' or '4' or '7' or '8')) continue;
            var end = Try(text, at);
            if (end < 0) continue;
            found.Add(at, end);
            at = end - 1;
        }
    }

    private static int Try(ReadOnlySpan<char> text, int start)
    {
        Span<char> number = stackalloc char[15];
        var (at, count) = (start, 0);
        while (count < 15)
        {
            if (count > 0 && at < text.Length && text[at] is ' ' or '-' or '.' && GroupEnds.Contains((byte)count)) at++;
            if (at >= text.Length) return -1;
            var isCorsican = count == 6 && number[5] == '2' && (text[at] | 0x20) is 'a' or 'b';
            if (!isCorsican && !char.IsAsciiDigit(text[at])) return -1;
            number[count++] = text[at++];
        }

        return Digits.IsEnd(text, at) && Digits.StandsAlone(text, start, at) && Holds(number) ? at : -1;
    }

    private static bool Holds(Span<char> number)
    {
        // Months beyond 12 stand for papers that were incomplete: 20 to 42, 50 to 99.
        var month = (number[3] - '0') * 10 + number[4] - '0';
        if (month is 0 or (> 12 and < 20) or (> 42 and < 50)) return false;
        if (number[6] is 'A' or 'a') (number[5], number[6]) = ('1', '9');
        if (number[6] is 'B' or 'b') (number[5], number[6]) = ('1', '8');
        return 97 - Digits.Modulo(number[..13], 97) == (number[13] - '0') * 10 + number[14] - '0';
    }
}
