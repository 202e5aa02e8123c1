namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Telephone numbers: `+` and a country, `00` and a country in groups, North American numbers in groups, and others beside a word that says so.</summary>
internal static class Phone
{
    private static readonly string[] Words = ["tel", "phone", "telephone", "telefon", "mobile", "cell", "call", "fax", "whatsapp", "handy", "téléphone", "teléfono", "móvil", "sms"];

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at..].IndexOfAnyInRange('0', '9');
            if (next < 0) return;
            at += next;
            var start = at;
            if (start > 0 && text[start - 1] is '+') start--;
            else if (start > 0 && text[start - 1] == '(') start -= start > 1 && text[start - 2] == '+' ? 2 : 1;
            var end = Read(text, at, text[start], out var digits, out var groups);
            if (Digits.IsStart(text, start) && Digits.IsEnd(text, end) && Digits.StandsAlone(text, start, end) && IsPhone(sight, start, end, digits, groups)) found.Add(start, end);
            at = end;
        }
    }

    private static int Read(ReadOnlySpan<char> text, int at, char before, out string digits, out int groups)
    {
        Span<char> read = stackalloc char[16];
        var (count, end, open) = (0, at, before == '(');
        groups = 0;
        while (count < read.Length)
        {
            groups++;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            {
                if (count < read.Length) read[count++] = text[at];
            }

            // One separator, or the brackets of an area code with a space on either side: ") 555", " (0) 20".
            end = at;
            var left = 3;
            while (left-- > 0 && at < text.Length && text[at] is ' ' or '-' or '.' or '/' or '(' or ')')
            {
                if (text[at] is '(' == open && text[at] is '(' or ')') break;
                if (text[at] is '(' or ')') open = !open;
                at++;
            }

            if (at == end || at >= text.Length || !char.IsAsciiDigit(text[at]) || (at - end > 1 && !text[end..at].ContainsAny('(', ')'))) break;
        }

        digits = new(read[..count]);
        return end;
    }

    private static bool IsPhone(in Sight sight, int start, int end, string digits, int groups)
    {
        var written = sight.Text[start..end];
        if (digits.Length > 15) return false;
        if (written[0] == '+' || written.StartsWith("(+", StringComparison.Ordinal)) return digits.Length >= 8 && digits[0] != '0';
        if (digits.StartsWith("00", StringComparison.Ordinal)) return digits.Length >= 10 && digits[2] != '0' && (groups > 2 || sight.Says(start, end, Words));
        if (IsNorthAmerican(written, digits)) return true;
        return digits.Length is >= 7 and <= 12 && !written.Contains('/') && sight.Says(start, end, Words);
    }

    // 202-555-0143, (202) 555-0143, 1.202.555.0143: area and exchange start at 2.
    private static bool IsNorthAmerican(ReadOnlySpan<char> written, string digits)
    {
        Span<char> plain = stackalloc char[16];
        var number = written is ['1', ' ' or '-' or '.', .. var rest] && digits.Length == 11 ? rest : written;
        if (number is ['(', var a, var b, var c, ')', .. var local]) return digits.Length is 10 or 11 && a >= '2' && char.IsAsciiDigit(b) && char.IsAsciiDigit(c) && Digits.Groups(local.TrimStart(' '), 0, [3, 4], "-. ", plain) == local.TrimStart(' ').Length && plain[0] >= '2';
        return Digits.Groups(number, 0, [3, 3, 4], "-. ", plain) == number.Length && plain[0] >= '2' && plain[3] >= '2';
    }
}
