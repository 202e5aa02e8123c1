using System.Collections.Frozen;

namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Bank account numbers: a country, its length, mod 97.</summary>
// SPEC: ISO 13616; lengths from the IBAN registry.
internal static class Iban
{
    private static readonly FrozenDictionary<string, int> Lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 "
        + "GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 "
        + "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
        .Split(' ').ToFrozenDictionary(static entry => entry[..2], static entry => (entry[2] - '0') * 10 + entry[3] - '0', StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ByCountry = Lengths.GetAlternateLookup<ReadOnlySpan<char>>();

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var at = 2; at + 1 < text.Length; at++)
        {
            var next = text[at..].IndexOfAnyInRange('0', '9');
            if (next < 0) return;
            at += next;
            if (at < 2 || at + 1 >= text.Length || !char.IsAsciiDigit(text[at + 1]) || !char.IsAsciiLetter(text[at - 1]) || !char.IsAsciiLetter(text[at - 2])) continue;
            var start = at - 2;
            if (!Digits.IsStart(text, start) || !ByCountry.TryGetValue(text[start..at], out var length)) continue;
            if (End(text, start, length) is > 0 and var end)
            {
                found.Add(start, end);
                at = end;
            }
        }
    }

    private static int End(ReadOnlySpan<char> text, int start, int length)
    {
        Span<char> letters = stackalloc char[34];
        var (at, count) = (start, 0);
        while (count < length)
        {
            if (count > 0 && at + 1 < text.Length && text[at] is ' ' or '-') at++;
            if (at >= text.Length || !char.IsAsciiLetterOrDigit(text[at])) return -1;
            letters[count++] = text[at++];
        }

        return (at == text.Length || !char.IsAsciiLetterOrDigit(text[at])) && Holds(letters[..length]) ? at : -1;
    }

    private static bool Holds(ReadOnlySpan<char> letters)
    {
        var rest = 0;
        for (var i = 0; i < letters.Length; i++)
        {
            var letter = letters[(i + 4) % letters.Length];
            rest = char.IsAsciiDigit(letter) ? (rest * 10 + letter - '0') % 97 : (rest * 100 + (letter | 0x20) - 'a' + 10) % 97;
        }

        return rest == 1;
    }
}
