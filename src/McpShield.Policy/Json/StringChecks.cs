using System.Text;
using System.Text.Json;

namespace McpShield.Policy.Json;

/// <summary>What the tokenizer does not check of a string: lone surrogates behind escapes, control characters in names.</summary>
internal static class StringChecks
{
    public static bool IsWellFormed(ReadOnlySpan<byte> inner, bool escaped, bool isName, int offset, out JsonFault fault)
    {
        fault = default;
        if (escaped && HasLoneSurrogate(inner))
        {
            fault = new(JsonFaultKind.LoneSurrogate, offset, "a surrogate without its partner");
            return false;
        }

        if (isName && HasControl(inner, escaped))
        {
            fault = new(JsonFaultKind.ControlInName, offset, "a control character in a member name");
            return false;
        }

        return true;
    }

    public static string Decode(ReadOnlySpan<byte> inner, bool escaped)
    {
        if (!escaped) return Encoding.UTF8.GetString(inner);
        var quoted = new byte[inner.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        inner.CopyTo(quoted.AsSpan(1));
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }

    // The text is valid UTF-8, so a lone surrogate can only hide behind \u escapes.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> inner)
    {
        var expectsLow = false;
        for (var i = 0; i < inner.Length; i++)
        {
            var isLow = false;
            if (inner[i] == '\\')
            {
                if (inner[i + 1] == 'u')
                {
                    var unit = Convert.ToUInt16(Encoding.ASCII.GetString(inner.Slice(i + 2, 4)), 16);
                    isLow = char.IsLowSurrogate((char)unit);
                    if (isLow != expectsLow) return true;
                    expectsLow = char.IsHighSurrogate((char)unit);
                    i += 5;
                    continue;
                }

                i++;
            }

            if (expectsLow) return true;
        }

        return expectsLow;
    }

    private static bool HasControl(ReadOnlySpan<byte> inner, bool escaped)
    {
        if (!escaped && !inner.Contains((byte)0x7F) && !inner.Contains((byte)0xC2)) return false;
        foreach (var character in Decode(inner, escaped))
        {
            if (char.IsControl(character)) return true;
        }

        return false;
    }
}
