using System.Text;

namespace McpShield.Policy.Unicode;

/// <summary>Code points of a label as ASCII letters and digits, and back; without the prefix `xn--`.</summary>
// SPEC: RFC 3492, sections 5 and 6; the names of the parameters are its own.
internal static class Punycode
{
    /// <summary>The longest label of the DNS.</summary>
    // THREAT: both directions take time that grows with the square of the length. What cannot be a label is refused first.
    public const int MaxLength = 63;

    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 128;
    private const char Delimiter = '-';

    /// <summary>False for more than <see cref="MaxLength"/> code points, and for a lone surrogate.</summary>
    public static bool TryEncode(ReadOnlySpan<int> codePoints, out string ascii)
    {
        ascii = "";
        if (codePoints.Length > MaxLength || codePoints.ContainsAnyInRange(0xD800, 0xDFFF)) return false;

        var output = new StringBuilder();
        foreach (var codePoint in codePoints)
        {
            if (codePoint < InitialN) output.Append((char)codePoint);
        }

        var basic = output.Length;
        if (basic > 0) output.Append(Delimiter);

        // No overflow: 64 code points below 0x110000 keep delta below 2^27.
        var (n, delta, bias) = (InitialN, 0, InitialBias);
        for (var handled = basic; handled < codePoints.Length; n++, delta++)
        {
            var next = SmallestFrom(codePoints, n);
            delta += (next - n) * (handled + 1);
            n = next;
            foreach (var codePoint in codePoints)
            {
                if (codePoint < n) delta++;
                if (codePoint != n) continue;
                AppendInteger(output, delta, bias);
                bias = Adapt(delta, ++handled, handled == basic + 1);
                delta = 0;
            }
        }

        ascii = output.ToString();
        return true;
    }

    /// <summary>Takes digits in either case. False for anything that is no encoding, or longer than <see cref="MaxLength"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<char> ascii, out int[] codePoints)
    {
        codePoints = [];
        if (ascii.Length > MaxLength || !Ascii.IsValid(ascii)) return false;

        var basic = Math.Max(0, ascii.LastIndexOf(Delimiter));
        var output = new List<int>(ascii.Length);
        foreach (var letter in ascii[..basic]) output.Add(letter);

        var (n, i, bias) = (InitialN, 0L, InitialBias);
        for (var at = basic > 0 ? basic + 1 : 0; at < ascii.Length; i++)
        {
            if (!TryReadInteger(ascii, ref at, bias, out var delta)) return false;
            i += delta;
            var count = output.Count + 1;
            bias = Adapt((int)delta, count, isFirst: output.Count == basic);
            var codePoint = n + (i / count);
            i %= count;
            if (codePoint > 0x10FFFF || codePoint is >= 0xD800 and <= 0xDFFF) return false;
            n = (int)codePoint;
            output.Insert((int)i, n);
        }

        codePoints = [.. output];
        return true;
    }

    private static int SmallestFrom(ReadOnlySpan<int> codePoints, int least)
    {
        var smallest = int.MaxValue;
        foreach (var codePoint in codePoints)
        {
            if (codePoint >= least) smallest = Math.Min(smallest, codePoint);
        }

        return smallest;
    }

    private static void AppendInteger(StringBuilder output, int value, int bias)
    {
        for (var k = Base; ; k += Base)
        {
            var threshold = Threshold(k, bias);
            if (value < threshold) break;
            output.Append(Digit(threshold + ((value - threshold) % (Base - threshold))));
            value = (value - threshold) / (Base - threshold);
        }

        output.Append(Digit(value));
    }

    private static bool TryReadInteger(ReadOnlySpan<char> ascii, ref int at, int bias, out long value)
    {
        value = 0;
        var weight = 1L;
        for (var k = Base; at < ascii.Length; k += Base)
        {
            var digit = ValueOf(ascii[at++]);
            if (digit < 0) return false;
            value += digit * weight;
            // THREAT: a long number that wraps round to a small one, so that one label has two spellings.
            if (value > int.MaxValue) return false;
            var threshold = Threshold(k, bias);
            if (digit < threshold) return true;
            weight *= Base - threshold;
            if (weight > int.MaxValue) return false;
        }

        return false;
    }

    private static int Threshold(int k, int bias) => Math.Clamp(k - bias, TMin, TMax);

    private static int Adapt(int delta, int count, bool isFirst)
    {
        delta = isFirst ? delta / Damp : delta / 2;
        delta += delta / count;
        var k = 0;
        for (; delta > (Base - TMin) * TMax / 2; k += Base) delta /= Base - TMin;
        return k + ((Base - TMin + 1) * delta / (delta + Skew));
    }

    private static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    private static int ValueOf(char digit) => digit switch
    {
        >= 'a' and <= 'z' => digit - 'a',
        >= 'A' and <= 'Z' => digit - 'A',
        >= '0' and <= '9' => digit - '0' + 26,
        _ => -1,
    };
}
