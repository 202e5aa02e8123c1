using System.Text;

namespace McpShield.Policy.Unicode;

/// <summary>UTF-16 as code points. A lone surrogate is a code point of its own and comes out as it went in.</summary>
internal static class CodePoints
{
    /// <summary>Reads the code point at a position and moves past it.</summary>
    // THREAT: text that is not well-formed, such as names of files or members behind escapes. `Rune` would throw or
    // replace; two different texts must not become one here, so a lone surrogate passes through.
    public static int Read(ReadOnlySpan<char> text, ref int at)
    {
        var unit = text[at++];
        return char.IsHighSurrogate(unit) && at < text.Length && char.IsLowSurrogate(text[at])
            ? char.ConvertToUtf32(unit, text[at++])
            : unit;
    }

    public static int[] Of(ReadOnlySpan<char> text)
    {
        var points = new List<int>(text.Length);
        for (var at = 0; at < text.Length;) points.Add(Read(text, ref at));
        return [.. points];
    }

    public static StringBuilder AppendCodePoint(this StringBuilder text, int codePoint)
    {
        if (codePoint <= char.MaxValue) return text.Append((char)codePoint);
        var above = codePoint - 0x10000;
        return text.Append((char)(0xD800 + (above >> 10))).Append((char)(0xDC00 + (above & 0x3FF)));
    }
}
