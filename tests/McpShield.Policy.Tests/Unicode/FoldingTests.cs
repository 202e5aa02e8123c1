using System.Text;
using CsCheck;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

public sealed class FoldingTests
{
    [Theory]
    [InlineData("path", "Path")]
    [InlineData("s", "ſ")]
    [InlineData("k", "\u212A")]
    [InlineData("K", "\u212A")]
    [InlineData("å", "\u212B")]
    [InlineData("file", "ﬁle")]
    [InlineData("strasse", "Straße")]
    [InlineData("STRASSE", "STRAẞE")]
    [InlineData("path", "ｐａｔｈ")]
    [InlineData("path", "𝓟ath")]
    [InlineData("a1", "ⓐ①")]
    [InlineData("σοφοσ", "ΣΟΦΌΣ", false)]
    [InlineData("σοφός", "ΣΟΦΌΣ")]
    [InlineData("é", "E\u0301")]
    [InlineData("ᾳ\u0301", "ΑΙ\u0301", false)]
    [InlineData("ᾴ", "Α\u0301\u0345")]
    [InlineData("ᾴ", "Α\u0345\u0301")]
    [InlineData("i\u0307", "İ")]
    [InlineData("i", "ı", false)]
    [InlineData("path", "раth", false)]
    public void Names_that_a_reader_could_confuse_have_one_form(string name, string other, bool areEqual = true) =>
        Assert.Equal(areEqual, UnicodeText.FoldForComparison(name) == UnicodeText.FoldForComparison(other));

    [Theory]
    [InlineData("")]
    [InlineData("file_path-2")]
    [InlineData("müller")]
    [InlineData("名前")]
    public void A_folded_name_comes_back_as_the_same_instance(string name) => Assert.Same(name, UnicodeText.FoldForComparison(name));

    [Theory]
    [InlineData("A\uD800B", "a\uD800b")]
    [InlineData("\uDC00İ", "\uDC00i\u0307")]
    public void A_lone_surrogate_passes_through(string name, string expected) => Assert.Equal(expected, UnicodeText.FoldForComparison(name));

    [Fact]
    public void Case_folding_alone_leaves_compatibility_characters() => Assert.Equal("①ⓐss", UnicodeText.FoldCase("①Ⓐß"));

    [Fact]
    public void A_folded_name_neither_folds_nor_normalizes_further() => Arbitrary.Text.Sample(name =>
    {
        var folded = UnicodeText.FoldForComparison(name);

        return UnicodeText.IsNfkc(folded)
            && UnicodeText.FoldForComparison(folded) == folded
            && UnicodeText.ToNfkc(UnicodeText.FoldCase(folded)) == folded;
    });

    [Fact]
    public void No_form_and_no_folding_of_a_name_escapes_it() => Arbitrary.Text.Sample(name =>
    {
        var folded = UnicodeText.FoldForComparison(name);

        return folded == UnicodeText.FoldForComparison(UnicodeText.ToNfc(name))
            && folded == UnicodeText.FoldForComparison(UnicodeText.ToNfkc(name));
    });

    [Fact]
    public void The_ASCII_shortcut_answers_like_the_long_way() => Gen.String[Gen.Char['\0', '\x7F'], 0, 20].Sample(name =>
        UnicodeText.FoldForComparison(name) == UnicodeText.FoldCase(name)
        && UnicodeText.FoldForComparison(name + "é") == UnicodeText.FoldForComparison(name) + "é");

    [Fact]
    public void The_runtime_takes_no_two_characters_for_one_that_the_folded_form_tells_apart()
    {
        // The nearest JSON reader is .NET's, which compares names with OrdinalIgnoreCase.
        var forms = UnicodeFile.AllRunes.ToLookup(rune => rune.ToString().ToUpperInvariant(), rune => UnicodeText.FoldForComparison(rune.ToString()));

        foreach (var group in forms) Assert.Single(group.Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("İ")]
    [InlineData("ΐ")]
    [InlineData("\u0345")]
    [InlineData("\u0345\u0301\u0323")]
    [InlineData("\uD801\uDC00")]
    public void Half_a_megabyte_is_folded_in_linear_time(string unit)
    {
        var folded = UnicodeText.FoldForComparison(new StringBuilder().Insert(0, unit, (1 << 19) / unit.Length).ToString());

        Assert.Equal(folded, UnicodeText.FoldForComparison(folded));
    }
}
