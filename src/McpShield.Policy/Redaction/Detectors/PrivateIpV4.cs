namespace McpShield.Policy.Redaction.Detectors;

/// <summary>IPv4 addresses of private networks.</summary>
// SPEC: RFC 1918, section 3.
internal static class PrivateIpV4
{
    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var at = Digits.NextStart(text, 0); at >= 0; at = Digits.NextStart(text, at + 1))
        {
            var end = Read(text, at, out var first, out var second);
            if (end < 0) continue;
            var isPrivate = first == 10 || (first == 172 && second is >= 16 and <= 31) || (first == 192 && second == 168);
            if (isPrivate) found.Add(at, end);
            at = end - 1;
        }
    }

    private static int Read(ReadOnlySpan<char> text, int at, out int first, out int second)
    {
        (first, second) = (0, 0);
        for (var octet = 0; octet < 4; octet++)
        {
            if (octet > 0 && (at >= text.Length || text[at++] != '.')) return -1;
            var (start, value) = (at, 0);
            while (at < text.Length && char.IsAsciiDigit(text[at]) && at - start < 3) value = value * 10 + text[at++] - '0';
            if (at == start || value > 255 || (text[start] == '0' && at - start > 1)) return -1;
            if (octet == 0) first = value;
            if (octet == 1) second = value;
        }

        return Digits.IsEnd(text, at) ? at : -1;
    }
}
