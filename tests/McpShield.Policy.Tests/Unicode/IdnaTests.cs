using System.Text;
using CsCheck;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

public sealed class IdnaTests
{
    [Theory]
    [InlineData("example", "example")]
    [InlineData("EXAMPLE-1", "example-1")]
    [InlineData("a", "a")]
    [InlineData("123", "123")]
    [InlineData("exämple", "xn--exmple-cua")]
    [InlineData("EXÄMPLE", "xn--exmple-cua")]
    [InlineData("exa\u0308mple", "xn--exmple-cua")]
    [InlineData("xn--exmple-cua", "xn--exmple-cua")]
    [InlineData("XN--EXMPLE-CUA", "xn--exmple-cua")]
    [InlineData("faß", "xn--fa-hia")]
    [InlineData("faẞ", "xn--fa-hia")]
    [InlineData("fass", "fass")]
    [InlineData("βόλος", "xn--nxasmm1c")]
    [InlineData("ｅｘａｍｐｌｅ", "example")]
    [InlineData("exam\u00ADple", "example")]
    [InlineData("①", "1")]
    [InlineData("中文", "xn--fiq228c")]
    [InlineData("한국", "xn--3e0b707e")]
    [InlineData("א", "xn--4db")]
    public void A_label_has_one_ASCII_form(string label, string expected)
    {
        Assert.True(Idna.TryToAsciiLabel(label, out var ascii));
        Assert.Equal(expected, ascii);
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("\u00AD", "only what is ignored")]
    [InlineData("a.b", "a full stop")]
    [InlineData("a．b", "a full stop by mapping")]
    [InlineData("a。b", "an ideographic full stop")]
    [InlineData("a_b", "an underscore")]
    [InlineData("a b", "a space")]
    [InlineData("a%2e", "a percent sign")]
    [InlineData("a／b", "a slash by mapping")]
    [InlineData("℀", "a slash inside of an abbreviation")]
    [InlineData("-a", "a hyphen first")]
    [InlineData("a-", "a hyphen last")]
    [InlineData("ab--c", "hyphens third and fourth")]
    [InlineData("äb--c", "hyphens third and fourth")]
    [InlineData("\u0301a", "a mark first")]
    [InlineData("a\uD800", "a lone surrogate")]
    [InlineData("\uDC00a", "a lone surrogate")]
    [InlineData("a\u202Eb", "a change of direction")]
    [InlineData("a\u0378", "an unassigned code point")]
    [InlineData("a\uE000", "a private character")]
    [InlineData("a\uFFFD", "the replacement character")]
    public void What_cannot_be_a_label_is_refused(string label, string because)
    {
        Assert.False(Idna.TryToAsciiLabel(label, out var ascii), because);
        Assert.Equal("", ascii);
    }

    [Theory]
    [InlineData("xn--", "nothing behind the prefix")]
    [InlineData("xn--a", "a control character")]
    [InlineData("xn--fass-", "nothing but ASCII")]
    [InlineData("xn--exämple", "not ASCII")]
    [InlineData("xn---", "a delimiter alone")]
    [InlineData("xn--a-ecp", "a digit with its full stop")]
    [InlineData("xn--Exmple-cUA\u00E4", "not ASCII")]
    [InlineData("xn--zca-", "nothing but ASCII once decoded")]
    [InlineData("xn--fa-hia.", "a full stop")]
    [InlineData("xn--tiq49xqyj-", "nothing but ASCII behind a delimiter last")]
    public void An_encoded_label_that_encodes_no_name_is_refused(string label, string because) =>
        Assert.False(Idna.TryToAsciiLabel(label, out _), because);

    [Theory]
    [InlineData("EXÄMPLE")]
    [InlineData("ﬁ")]
    [InlineData("a\u0308")]
    [InlineData("\u0301a")]
    [InlineData("ä-")]
    [InlineData("ä.b")]
    [InlineData("a\u200Db")]
    [InlineData("ä b")]
    [InlineData("\uE000")]
    public void Encoding_by_hand_does_not_bring_in_what_the_rules_refuse(string unicode)
    {
        Assert.True(Punycode.TryEncode(CodePoints.Of(unicode), out var encoded));

        Assert.False(Idna.TryToAsciiLabel("xn--" + encoded, out _));
    }

    [Theory]
    [InlineData("क्\u200Dष", true)] // behind a virama
    [InlineData("क्\u200Cष", true)]
    [InlineData("क\u200Dष", false)]
    [InlineData("क\u200Cष", false)]
    [InlineData("نامه\u200Cای", true)] // breaks a cursive connection
    [InlineData("ن\u064B\u200C\u064Bا", true)] // with marks between
    [InlineData("ا\u200Cا", false)] // an alef does not join to its left
    [InlineData("ن\u200Dا", false)]
    [InlineData("bank\u200C", false)]
    [InlineData("\u200Dbank", false)]
    [InlineData("ba\u200Cnk", false)]
    [InlineData("\u200C", false)]
    public void An_invisible_joiner_stands_only_where_it_changes_the_writing(string label, bool isValid) =>
        Assert.Equal(isValid, Idna.TryToAsciiLabel(label, out _));

    [Theory]
    [InlineData("אב", true)]
    [InlineData("אב1", true)]
    [InlineData("אב\u05B0", true)]
    [InlineData("عربي", true)]
    [InlineData("ع١", true)]
    [InlineData("אa", false)] // a left-to-right letter in a right-to-left label
    [InlineData("aא", false)]
    [InlineData("1א", false)] // a number first
    [InlineData("ع1١", false)] // both kinds of numbers
    [InlineData("١", false)]
    public void A_label_reads_in_one_direction(string label, bool isValid) => Assert.Equal(isValid, Idna.TryToAsciiLabel(label, out _));

    [Theory]
    [InlineData("abc", true)]
    [InlineData("a1", true)]
    [InlineData("1a", false)]
    [InlineData("123", false)]
    public void Beside_a_right_to_left_label_the_others_follow_the_rule_too(string label, bool isValid)
    {
        Assert.True(Idna.HasRightToLeft("אב"));
        Assert.True(Idna.HasRightToLeft("xn--4db"));
        Assert.False(Idna.HasRightToLeft(label));
        Assert.Equal(isValid, Idna.TryToAsciiLabel(label, inBidiName: true, out _));
    }

    [Fact]
    public void A_label_has_at_most_63_octets()
    {
        Assert.True(Idna.TryToAsciiLabel(new string('a', 63), out _));
        Assert.False(Idna.TryToAsciiLabel(new string('a', 64), out _));
        Assert.True(Idna.TryToAsciiLabel(new string('a', 55) + "ä", out var longest));
        Assert.Equal(63, longest.Length);
        Assert.False(Idna.TryToAsciiLabel(new string('a', 56) + "ä", out _));
    }

    [Theory]
    [InlineData("ä")]
    [InlineData("\u0301\u0323")]
    [InlineData("\u00AD")]
    [InlineData("\u200C")]
    [InlineData("xn--")]
    public void A_megabyte_is_refused_in_linear_time(string unit) =>
        Assert.False(Idna.TryToAsciiLabel(new StringBuilder().Insert(0, unit, (1 << 20) / unit.Length).ToString(), out _));

    [Fact]
    public void The_ASCII_form_is_an_LDH_label_and_its_own_ASCII_form() => Arbitrary.Text.Sample(label =>
        !Idna.TryToAsciiLabel(label, out var ascii)
        || (ascii.Length is > 0 and <= 63
            && ascii.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            && Idna.TryToAsciiLabel(ascii, out var again) && again == ascii));
}
