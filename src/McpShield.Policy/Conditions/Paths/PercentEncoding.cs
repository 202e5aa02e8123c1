using System.Text;

namespace McpShield.Policy.Conditions.Paths;

/// <summary>Percent-decoding: strictly, for what is a URI, and leniently, for what some server might do with text that is none.</summary>
internal static class PercentEncoding
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes once. <c>null</c> when a triplet is broken or the bytes are not UTF-8.</summary>
    public static string? DecodeStrictly(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                AppendCharacter(bytes, text, ref i);
                continue;
            }

            if (!TryByte(text, i, out var value)) return null;
            bytes.Add(value);
            i += 2;
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Decodes every triplet that can be decoded, also the overlong forms that careless decoders take for ASCII.</summary>
    public static string DecodeLeniently(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || !TryByte(text, i, out var value))
            {
                AppendCharacter(bytes, text, ref i);
                continue;
            }

            i += 2;
            // THREAT: `%c0%af` is `/` to a decoder that does not refuse overlong forms.
            if (value is 0xC0 or 0xC1 && TryByte(text, i + 1, out var low) && (low & 0xC0) == 0x80)
            {
                bytes.Add((byte)(((value & 0x1F) << 6) | (low & 0x3F)));
                i += 3;
                continue;
            }

            bytes.Add(value);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool TryByte(string text, int at, out byte value)
    {
        value = 0;
        if (at + 2 >= text.Length || text[at] != '%' || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2])) return false;
        value = Convert.FromHexString(text.AsSpan(at + 1, 2))[0];
        return true;
    }

    private static void AppendCharacter(List<byte> bytes, string text, ref int at)
    {
        var length = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        bytes.AddRange(Encoding.UTF8.GetBytes(text, at, length));
        at += length - 1;
    }
}
