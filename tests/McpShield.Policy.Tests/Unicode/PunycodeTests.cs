using CsCheck;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

public sealed class PunycodeTests
{
    // Samples A, B, H, L, P and S of RFC 3492, section 7.1, in lower case.
    [Theory]
    [InlineData("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn")]
    [InlineData("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye")]
    [InlineData("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b")]
    [InlineData("そのスピードで", "d9juau41awczczp")]
    [InlineData("-> $1.00 <-", "-> $1.00 <--")]
    [InlineData("ü", "tda")]
    public void The_samples_of_the_standard_hold(string text, string ascii)
    {
        Assert.True(Punycode.TryEncode(CodePoints.Of(text), out var encoded));
        Assert.Equal(ascii, encoded);
        Assert.True(Punycode.TryDecode(ascii, out var decoded));
        Assert.Equal(CodePoints.Of(text), decoded);
    }

    [Theory]
    [InlineData("ü")]
    [InlineData("99999999")]
    [InlineData("a-!")]
    [InlineData("tdä")]
    [InlineData("-tda")]
    [InlineData("a-9")]
    public void What_encodes_nothing_is_refused(string ascii) => Assert.False(Punycode.TryDecode(ascii, out _));

    [Fact]
    public void A_label_too_long_for_any_name_is_refused_before_the_work()
    {
        Assert.False(Punycode.TryDecode(new string('a', 1_000_000), out _));
        Assert.False(Punycode.TryEncode(new int[1_000_000], out _));
    }

    [Fact]
    public void A_lone_surrogate_cannot_be_encoded() => Assert.False(Punycode.TryEncode([0xD800], out _));

    [Fact]
    public void Decoding_undoes_encoding() =>
        Gen.Int[0, 0x10FFFF].Where(value => value is < 0xD800 or > 0xDFFF).Array[0, Punycode.MaxLength].Sample(points =>
            !Punycode.TryEncode(points, out var ascii) || ascii.Length > Punycode.MaxLength
            || (Punycode.TryDecode(ascii, out var again) && again.AsSpan().SequenceEqual(points)));

    [Fact]
    public void No_input_crashes_the_decoder() => Gen.String.Sample(text => { Punycode.TryDecode(text, out _); });
}
