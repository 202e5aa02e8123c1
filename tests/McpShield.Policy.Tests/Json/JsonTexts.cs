using System.Globalization;
using CsCheck;

namespace McpShield.Policy.Tests.Json;

/// <summary>Valid JSON texts, spelled in all the ways that mean the same.</summary>
internal static class JsonTexts
{
    private static readonly Gen<string> Space = Gen.OneOf("", "", "", " ", "\n", "\r\n ", "\t");

    private static readonly Gen<string> Scalar = Gen.OneOf(
        "null", "true", "false", "0", "-0", "1", "1.0", "1e400", "-1.5E-7", "9007199254740993", "\"\"", "\"a\"", "\"\\u0041\\/\\\\\\\"\"",
        "\"é\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"😀\"", "\"\\u0000\"", "\"a b\"", "\"[{,:\"");

    // The number keeps the names of one object apart; the rest is what names can be made of.
    private static readonly Gen<string> Name = Gen.OneOf("", "a", "B", "\\u0063", "é", "\\/", "😀", "\\\"", " ");

    public static readonly Gen<string> Any = Value(4);

    private static Gen<string> Value(int depth)
    {
        if (depth == 0) return Padded(Scalar);
        var inner = Value(depth - 1);
        var list = inner.Array[0, 3].Select(static items => $"[{string.Join(',', items)}]");
        var map = Gen.Select(Name, inner).Array[0, 3].Select(static members =>
            $"{{{string.Join(',', members.Select(static (member, at) => $"\"{member.Item1}{at.ToString(CultureInfo.InvariantCulture)}\":{member.Item2}"))}}}");
        return Padded(Gen.OneOf(Scalar, list, map));
    }

    private static Gen<string> Padded(Gen<string> text) => Gen.Select(Space, text, Space, static (before, middle, after) => before + middle + after);
}
