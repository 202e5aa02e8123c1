using System.Text;
using CsCheck;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

public sealed class NormalizationTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData("ﬁ", "fi")]
    [InlineData("ⓐ", "a")]
    [InlineData("①", "1")]
    [InlineData("．／＼", "./\\")]
    [InlineData("‥", "..")]
    [InlineData("\u212A", "K")]
    [InlineData("ſ", "s")]
    [InlineData("ẛ\u0323", "\u1E69")]
    [InlineData("\u00A0", " ")]
    [InlineData("½", "1\u20442")]
    [InlineData("e\u0301", "é")]
    public void A_character_made_for_compatibility_becomes_what_it_stands_for(string text, string expected) =>
        Assert.Equal(expected, UnicodeText.ToNfkc(text));

    [Theory]
    [InlineData("ﬁ①．½", "ﬁ①．½")]
    [InlineData("\u212A", "K")]
    [InlineData("\u212B", "Å")]
    [InlineData("e\u0301", "é")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("a\u0300\u0300", "\u00E0\u0300")]
    [InlineData("a\u05B0\u0300", "\u00E0\u05B0")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    public void The_canonical_form_joins_marks_and_leaves_compatibility_characters(string text, string expected) =>
        Assert.Equal(expected, UnicodeText.ToNfc(text));

    [Theory]
    [InlineData("\u1112\u1161\u11AB", "한")]
    [InlineData("\u1112\u1161", "하")]
    [InlineData("하\u11AB", "한")]
    [InlineData("한\u11AB", "한\u11AB")]
    [InlineData("하\u11A7", "하\u11A7")]
    [InlineData("\u1161\u11AB", "\u1161\u11AB")]
    [InlineData("\u1112\u0300\u1161", "\u1112\u0300\u1161")]
    public void Hangul_is_composed_by_its_rule(string text, string expected) => Assert.Equal(expected, UnicodeText.ToNfc(text));

    [Theory]
    [InlineData("")]
    [InlineData("plain ASCII, ÄÖÜ, 한국어, 日本語, 🎉")]
    [InlineData("\uD800")]
    [InlineData("a\uDC00b\uD800")]
    [InlineData("\uDC00\uD800")]
    public void Text_in_the_form_comes_back_as_the_same_instance(string text)
    {
        Assert.Same(text, UnicodeText.ToNfc(text));
        Assert.Same(text, UnicodeText.ToNfkc(text));
        Assert.True(UnicodeText.IsNfc(text) && UnicodeText.IsNfkc(text));
    }

    [Fact]
    public void Text_that_the_quick_check_doubts_but_that_is_in_the_form_comes_back_as_the_same_instance()
    {
        var text = "x\u0301";

        Assert.Same(text, UnicodeText.ToNfc(text));
    }

    [Fact]
    public void A_lone_surrogate_stays_where_it_stands_while_its_neighbours_change() =>
        Assert.Equal("\uD800é\uDC00fi\uDBFF", UnicodeText.ToNfkc("\uD800e\u0301\uDC00ﬁ\uDBFF"));

    [Fact]
    public void Normalizing_twice_changes_nothing_more() => Arbitrary.Text.Sample(text =>
        UnicodeText.IsNfc(UnicodeText.ToNfc(text)) && UnicodeText.IsNfkc(UnicodeText.ToNfkc(text)));

    [Fact]
    public void The_compatibility_form_forgets_what_the_canonical_form_forgets() => Arbitrary.Text.Sample(text =>
        UnicodeText.ToNfkc(UnicodeText.ToNfc(text)) == UnicodeText.ToNfkc(text) && UnicodeText.IsNfc(UnicodeText.ToNfkc(text)));

    [Fact]
    public void The_order_in_which_marks_of_different_classes_are_typed_does_not_matter()
    {
        // Below, above, overlay, iota: four classes, so any order is the same text.
        string[] marks = ["\u0323", "\u0301", "\u0338", "\u0345"];

        Gen.Shuffle(marks).Sample(order => UnicodeText.ToNfc("a" + string.Concat(order)) == UnicodeText.ToNfc("a" + string.Concat(marks)));
    }

    [Fact]
    public void Long_runs_of_marks_are_ordered_as_short_ones_are() => Gen.String[Gen.Char["\u0323\u0301\u0338\u0345\u05B0\u3099"], 0, 80].Sample(marks =>
    {
        // A stable sort by class is what the standard asks for; the runtime has one.
        var ordered = string.Concat(marks.OrderBy(mark => UnicodeTables.Shared[mark].CombiningClass));

        return UnicodeText.ToNfc("\u2603" + marks) == UnicodeText.ToNfc("\u2603" + ordered);
    });

    // Quadratic work would not end within the patience of any runner.
    [Theory]
    [InlineData("\u0301")]
    [InlineData("\u0301\u0323")]
    [InlineData("\u3099\u05B0\u0323\u0345\u0301")]
    [InlineData("\u1161")]
    [InlineData("\u1112\u1161\u11AB")]
    [InlineData("\uFDFA")]
    [InlineData("\u0344")]
    [InlineData("\uD800")]
    public void A_megabyte_of_anything_is_done_in_linear_time(string unit)
    {
        var text = new StringBuilder("a").Insert(1, unit, Megabyte / 2 / unit.Length).ToString();

        var normalized = UnicodeText.ToNfkc(text);

        Assert.True(UnicodeText.IsNfkc(normalized));
        Assert.Equal(normalized, UnicodeText.ToNfkc(UnicodeText.ToNfc(text)));
    }
}
