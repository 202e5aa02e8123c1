namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Payment card numbers: an issuer's range and length, the Luhn digit, written in one run or in the usual groups.</summary>
internal static class Card
{
    private const int MinDigits = 12;
    private const int MaxDigits = 19;

    // Prefixes as ranges of their own length, and the lengths a number may have, one bit each.
    private static readonly (int From, int To, int Width, int Lengths)[] Issuers =
    [
        (4, 4, 1, Lengths(13, 16, 19)),                                       // Visa
        (51, 55, 2, Lengths(16)), (2221, 2720, 4, Lengths(16)),               // Mastercard
        (34, 34, 2, Lengths(15)), (37, 37, 2, Lengths(15)),                   // American Express
        (6011, 6011, 4, Lengths(16, 17, 18, 19)), (644, 659, 3, Lengths(16, 17, 18, 19)), // Discover
        (300, 305, 3, Lengths(14)), (3095, 3095, 4, Lengths(14)), (36, 36, 2, Lengths(14)), (38, 39, 2, Lengths(14)), // Diners
        (3528, 3589, 4, Lengths(16, 17, 18, 19)),                             // JCB
        (62, 62, 2, Lengths(16, 17, 18, 19)),                                 // UnionPay
        (2200, 2204, 4, Lengths(16, 17, 18, 19)),                             // Mir
        (60, 60, 2, Lengths(16)), (81, 82, 2, Lengths(16)), (508, 508, 3, Lengths(16)), // RuPay
        (5018, 5018, 4, Lengths(12, 13, 14, 15, 16, 17, 18, 19)), (5020, 5020, 4, Lengths(12, 13, 14, 15, 16, 17, 18, 19)),
        (5038, 5038, 4, Lengths(12, 13, 14, 15, 16, 17, 18, 19)), (5893, 5893, 4, Lengths(12, 13, 14, 15, 16, 17, 18, 19)),
        (6304, 6304, 4, Lengths(12, 13, 14, 15, 16, 17, 18, 19)), (6759, 6763, 4, Lengths(12, 13, 14, 15, 16, 17, 18, 19)), // Maestro
        (9792, 9792, 4, Lengths(16)),                                         // Troy
    ];

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var at = Digits.NextStart(text, 0); at >= 0; at = Digits.NextStart(text, at))
        {
            var end = Longest(text, at);
            if (end > 0) found.Add(at, end);
            at = end > 0 ? end : AfterGroup(text, at);
        }
    }

    private static int AfterGroup(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return at;
    }

    private static int Longest(ReadOnlySpan<char> text, int start)
    {
        Span<char> digits = stackalloc char[MaxDigits];
        Span<int> groups = stackalloc int[MaxDigits];
        var (at, count, parts, best) = (start, 0, 0, -1);
        while (parts < MaxDigits)
        {
            var group = 0;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++, group++)
            {
                if (count == MaxDigits) return best;
                digits[count++] = text[at];
            }

            if (group == 0) return best;
            groups[parts++] = group;
            if (count >= MinDigits && Digits.IsEnd(text, at) && IsUsual(groups[..parts]) && IsCard(digits[..count])) best = at;
            if (at >= text.Length || text[at] is not (' ' or '-' or '.')) return best;
            at++;
        }

        return best;
    }

    // A row of any numbers passes Luhn one time in ten; what is written in groups is written in these.
    private static bool IsUsual(ReadOnlySpan<int> groups) => groups switch
    {
        [_] or [8, 8] or [4, 6, 4] or [4, 6, 5] or [6, 13] or [6, 10] => true,
        [.. var full, <= 4] => !full.ContainsAnyExcept(4),
        _ => false,
    };

    private static bool IsCard(ReadOnlySpan<char> digits) => HasIssuer(digits) && HasLuhnDigit(digits);

    private static bool HasIssuer(ReadOnlySpan<char> digits)
    {
        foreach (var (from, to, width, lengths) in Issuers)
        {
            var prefix = Digits.Modulo(digits[..width], int.MaxValue / 16);
            if (prefix >= from && prefix <= to && (lengths & (1 << digits.Length)) != 0) return true;
        }

        return false;
    }

    private static bool HasLuhnDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var value = digits[^(i + 1)] - '0';
            if (i % 2 == 1) value = value > 4 ? value * 2 - 9 : value * 2;
            sum += value;
        }

        return sum % 10 == 0;
    }

    private static int Lengths(params ReadOnlySpan<int> lengths)
    {
        var bits = 0;
        foreach (var length in lengths) bits |= 1 << length;
        return bits;
    }
}
