using System.Text;

namespace McpShield.Policy.Unicode;

/// <summary>The ASCII form of one label of a host name, or that it has none.</summary>
/// <remarks>
/// Non-transitional, with every check on: CheckHyphens, CheckBidi, CheckJoiners, UseSTD3ASCIIRules, VerifyDnsLength.
/// 1 map  2 normalize  3 decode `xn--`  4 validate  5 encode.
/// </remarks>
// SPEC: UTS #46 of Unicode 17, section 4, Processing and ToASCII.
internal static class Idna
{
    private const string Prefix = "xn--";

    /// <summary>Judges the label alone: its neighbours are taken to be left-to-right.</summary>
    public static bool TryToAsciiLabel(string label, out string ascii) => TryToAsciiLabel(label, inBidiName: false, out ascii);

    /// <summary>As part of a name of which some label <see cref="HasRightToLeft"/>: then the rule of directions binds all of them.</summary>
    public static bool TryToAsciiLabel(string label, bool inBidiName, out string ascii)
    {
        ascii = "";
        if (!TryToUnicode(label, out var codePoints)) return false;
        if (!LabelRules.Hold(codePoints, inBidiName)) return false;

        if (!codePoints.ContainsAnyExceptInRange(0, 0x7F))
        {
            ascii = string.Create(codePoints.Length, codePoints, static (text, points) =>
            {
                for (var i = 0; i < points.Length; i++) text[i] = (char)points[i];
            });
            return true;
        }

        if (!Punycode.TryEncode(codePoints, out var encoded)) return false;
        if (Prefix.Length + encoded.Length > Punycode.MaxLength) return false;
        ascii = Prefix + encoded;
        return true;
    }

    /// <summary>Whether the label, mapped and decoded, holds a letter or number written from right to left.</summary>
    public static bool HasRightToLeft(string label) => TryToUnicode(label, out var codePoints) && BidiRule.Applies(codePoints);

    private static bool TryToUnicode(string label, out int[] codePoints)
    {
        codePoints = [];

        // 1, 2. A mapping may bring a full stop (`。`), which no rule lets pass: what looks like one label is never two.
        if (!TryMap(label, out var mapped)) return false;
        mapped = UnicodeText.ToNfc(mapped);

        // THREAT: a label of a megabyte. Each code point takes one octet or more of 63; the rest is refused before any loop over it.
        if (mapped.Length > 2 * Punycode.MaxLength) return false;
        if (!mapped.StartsWith(Prefix, StringComparison.Ordinal))
        {
            codePoints = CodePoints.Of(mapped);
            return codePoints.Length is > 0 and <= Punycode.MaxLength;
        }

        // 3
        return mapped.Length <= Punycode.MaxLength && TryDecode(mapped, out codePoints);
    }

    // THREAT: two spellings of one name, one of which no rule knows. What is decoded must encode to the very same label.
    private static bool TryDecode(string label, out int[] codePoints) =>
        Punycode.TryDecode(label.AsSpan(Prefix.Length), out codePoints)
        && codePoints.ContainsAnyExceptInRange(0, 0x7F)
        && Punycode.TryEncode(codePoints, out var again)
        && label.AsSpan(Prefix.Length).SequenceEqual(again);

    private static bool TryMap(string label, out string mapped)
    {
        mapped = "";
        var result = new StringBuilder(label.Length);
        for (var at = 0; at < label.Length;)
        {
            var codePoint = CodePoints.Read(label, ref at);
            switch (UnicodeTables.Shared[codePoint].Idna)
            {
                case IdnaStatus.Valid: result.AppendCodePoint(codePoint); break;
                case IdnaStatus.Mapped: result.Append(UnicodeTables.Shared.IdnaMapping(codePoint)); break;
                case IdnaStatus.Ignored: break;
                default: return false;
            }
        }

        mapped = result.ToString();
        return true;
    }
}
