using CsCheck;

namespace McpShield.Policy.Tests.Unicode;

/// <summary>Text full of what normalization and folding are about, lone surrogates among it.</summary>
internal static class Arbitrary
{
    private static readonly Gen<string> Unit = Gen.Char.Select(unit => unit.ToString());

    private static readonly Gen<string> Troublesome = Gen.OneOf(
        "a", "A", "I", "İ", "ı", "ß", "ẞ", "ſ", "ﬅ", "ﬁ", "K", "Å", "Ω", "ς", "Σ", "ŉ", "ǰ", "ΐ", "ͅ", "ᾳ", "ᾼ", "ᾲ", "ϓ", "ϔ",
        "\u0300", "\u0301", "\u0307", "\u0308", "\u0323", "\u0338", "\u0345", "\u05B0", "\u3099", "\u309A", "は", "ｶ", "ﾞ", "①", "㎏", "ℎ",
        "\u1100", "\u1161", "\u11A8", "가", "각", "\uD834\uDD5E", "\uD834\uDD65", "\uD835\uDC00", "\uD801\uDC00", "\uD800", "\uDC00",
        "\u0F71", "\u0F72", "\u0F73", "\u0344", "\u0958", "Ꭰ", "\uAB70", "\u10A0", "\u2CF2", "\uFDFA", "．", "\u200D", "\u00AD", "\u037A", "\u1E9A");

    private static readonly Gen<string> CodePoint = Gen.Int[0, 0x10FFFF].Where(value => value is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32);

    public static readonly Gen<string> Text = Gen.OneOf(Unit, Troublesome, Troublesome, CodePoint).Array[0, 24].Select(string.Concat);
}
