using System.Globalization;
using System.Numerics;
using System.Text;

namespace McpShield.Policy.Conditions.Parameters;

/// <summary>A decimal number compared exactly: <c>1e400</c> and <c>100.000000000000000001</c> are what they say.</summary>
/// <remarks>Kept as digits and a power of ten, never expanded: <c>1e999999999</c> costs nothing.</remarks>
internal readonly struct ExactNumber
{
    /// <summary>How long a number of a policy may be, so that <see cref="Beyond"/> is further out than any of them.</summary>
    public const int MaxLiteralLength = 1_000;

    // THREAT: an exponent of a million digits takes half a second to read, in every condition that looks at it. What is further out
    // than every number it is compared with need not be read.
    private static readonly BigInteger Beyond = BigInteger.Pow(10, 2 * MaxLiteralLength);

    private const int HeadLength = 18;
    private const int MaxOnStack = 128;

    // The digits without leading and trailing zeros: the first eighteen as a number, filled up with zeros, and what comes after them as text.
    private readonly int sign;
    private readonly ulong head;
    private readonly string tail;
    private readonly int count;
    private readonly BigInteger magnitude; // position of the decimal point, counted from before the first digit

    private ExactNumber(int sign, ReadOnlySpan<char> digits, BigInteger magnitude)
    {
        (this.sign, count, this.magnitude) = (sign, digits.Length, magnitude);
        for (var i = 0; i < HeadLength; i++) head = (head * 10) + (i < digits.Length ? (ulong)(digits[i] - '0') : 0);
        tail = digits.Length > HeadLength ? digits[HeadLength..].ToString() : "";
    }

    public bool IsInteger => sign == 0 || magnitude >= count;

    /// <summary>Reads a JSON number.</summary>
    public static ExactNumber Parse(ReadOnlySpan<byte> json)
    {
        var text = json.Length <= MaxOnStack ? stackalloc char[json.Length] : new char[json.Length];
        Encoding.ASCII.GetChars(json, text);
        return Parse(text);
    }

    /// <summary>Reads decimal text with optional sign, fraction and exponent.</summary>
    public static ExactNumber Parse(ReadOnlySpan<char> text)
    {
        var rest = text.TrimStart('+');
        var negative = rest.StartsWith("-");
        if (negative) rest = rest[1..];
        var exponentAt = rest.IndexOfAny('e', 'E');
        var exponent = exponentAt < 0 ? BigInteger.Zero : ParseExponent(rest[(exponentAt + 1)..]);
        if (exponentAt >= 0) rest = rest[..exponentAt];
        var point = rest.IndexOf('.');
        var whole = point < 0 ? rest : rest[..point];
        var fraction = point < 0 ? default : rest[(point + 1)..];

        var all = rest.Length <= MaxOnStack ? stackalloc char[MaxOnStack] : new char[rest.Length];
        whole.CopyTo(all);
        fraction.CopyTo(all[whole.Length..]);
        var significant = all[..(whole.Length + fraction.Length)].TrimStart('0');
        var leading = whole.Length + fraction.Length - significant.Length;
        significant = significant.TrimEnd('0');
        return significant.Length == 0 ? new(0, "", 0) : new(negative ? -1 : 1, significant, whole.Length - leading + exponent);
    }

    /// <summary>Less than, equal to or greater than zero, as <paramref name="left"/> is below, at or above <paramref name="right"/>.</summary>
    public static int Compare(ExactNumber left, ExactNumber right)
    {
        if (left.sign != right.sign) return left.sign - right.sign;
        if (left.sign == 0) return 0;
        var byMagnitude = left.magnitude.CompareTo(right.magnitude);
        if (byMagnitude != 0) return left.sign * byMagnitude;
        var byHead = left.head.CompareTo(right.head);
        return left.sign * (byHead != 0 ? byHead : string.CompareOrdinal(left.tail, right.tail));
    }

    private static BigInteger ParseExponent(ReadOnlySpan<char> text)
    {
        var power = text.TrimStart("+-").TrimStart('0');
        var size = power.Length > MaxLiteralLength ? Beyond
            : power.IsEmpty ? BigInteger.Zero
            : power.Length < 10 ? int.Parse(power, NumberStyles.None, CultureInfo.InvariantCulture)
            : BigInteger.Parse(power, NumberStyles.None, CultureInfo.InvariantCulture);
        return text.StartsWith("-") ? -size : size;
    }
}
