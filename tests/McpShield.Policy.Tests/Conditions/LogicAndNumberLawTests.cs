using System.Numerics;
using CsCheck;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Tests.Conditions;

public sealed class LogicAndNumberLawTests
{
    private static readonly Truth[] Truths = [Truth.False, Truth.Error, Truth.True];

    [Fact]
    public void All_is_the_least_any_the_greatest_and_an_error_lies_between()
    {
        foreach (var (left, a) in Truths.Index().Select(static pair => (pair.Item, pair.Index)))
        {
            Assert.Equal(Truths[2 - a], Kleene.Not(left));
            foreach (var (right, b) in Truths.Index().Select(static pair => (pair.Item, pair.Index)))
            {
                Assert.Equal(Truths[Math.Min(a, b)], Kleene.And(left, right));
                Assert.Equal(Truths[Math.Max(a, b)], Kleene.Or(left, right));
            }
        }
    }

    [Fact]
    public void An_unset_truth_is_an_error_and_an_unset_outcome_a_deny()
    {
        Assert.Equal(Truth.Error, default(Truth));
        Assert.Equal(Outcome.Deny, default(Outcome));
        Assert.Equal(Reason.EvaluationError, default(Reason));
    }

    [Fact]
    public void Numbers_compare_as_fractions_of_whole_numbers_do() => Gen.Select(Number, Number).Sample((left, right) =>
        Math.Sign(ExactNumber.Compare(ExactNumber.Parse(left.Text), ExactNumber.Parse(right.Text))) == left.Value.CompareTo(right.Value), iter: 5_000);

    [Fact]
    public void A_number_is_an_integer_when_its_fraction_is_nothing() => Number.Sample(number =>
        ExactNumber.Parse(number.Text).IsInteger == (number.Value % Scale == 0), iter: 5_000);

    [Theory]
    [InlineData("1e999999999999999999999", "1e999999999999999999998", 1)]
    [InlineData("-1e999999999999999999999", "1e-999999999999999999999", -1)]
    [InlineData("1e-999999999999999999999", "0", 1)]
    [InlineData("0e999999999999999999999", "-0.000", 0)]
    [InlineData("100.000000000000000000000000000000000001", "100", 1)]
    [InlineData("12e1", "1.2e2", 0)]
    public void Numbers_of_any_size_compare_exactly(string left, string right, int expected)
    {
        Assert.Equal(expected, Math.Sign(ExactNumber.Compare(ExactNumber.Parse(left), ExactNumber.Parse(right))));
        Assert.Equal(-expected, Math.Sign(ExactNumber.Compare(ExactNumber.Parse(right), ExactNumber.Parse(left))));
    }

    [Fact]
    public void An_exponent_of_a_million_digits_lies_beyond_every_number_of_a_policy()
    {
        var million = new string('9', 1_000_000);
        var largest = ExactNumber.Parse("9e" + new string('9', ExactNumber.MaxLiteralLength - 2));
        var smallest = ExactNumber.Parse("1e-" + new string('9', ExactNumber.MaxLiteralLength - 3));

        Assert.True(ExactNumber.Compare(ExactNumber.Parse("1e" + million), largest) > 0);
        Assert.True(ExactNumber.Compare(ExactNumber.Parse("-1e+" + million), largest) < 0);
        Assert.True(ExactNumber.Compare(ExactNumber.Parse("1e-" + million), smallest) < 0);
        Assert.True(ExactNumber.Compare(ExactNumber.Parse("1e-" + million), ExactNumber.Parse("0")) > 0);
        Assert.Equal(0, ExactNumber.Compare(ExactNumber.Parse("1e" + new string('0', 1_000_000) + "2"), ExactNumber.Parse("100")));
        Assert.True(ExactNumber.Parse("1e" + million).IsInteger);
        Assert.False(ExactNumber.Parse("1e-" + million).IsInteger);
    }

    // Every number that is generated is a whole number of these parts.
    private static readonly BigInteger Scale = BigInteger.Pow(10, 20);

    private static readonly Gen<(string Text, BigInteger Value)> Number = Gen.Select(
        Gen.OneOf("", "-"), Gen.OneOf("0", "1", "9", "10", "12", "120", "99"), Gen.OneOf("", "0", "00", "5", "05", "50", "001"), Gen.Int[-12, 12], Gen.OneOf("", "e", "E", "e+"),
        static (sign, whole, fraction, exponent, mark) =>
        {
            var power = mark.Length == 0 ? 0 : mark == "e+" ? Math.Abs(exponent) : exponent;
            var text = $"{sign}{whole}{(fraction.Length == 0 ? "" : $".{fraction}")}{(mark.Length == 0 ? "" : $"{mark}{power}")}";
            var value = BigInteger.Parse(whole + fraction, System.Globalization.CultureInfo.InvariantCulture) * BigInteger.Pow(10, 20 + power - fraction.Length);
            return (text, sign == "-" ? -value : value);
        });
}
