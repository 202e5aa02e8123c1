using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace McpShield.Policy.Tests.Unicode;

/// <summary>The test files of the Unicode Consortium, as `tools/unicode` packed them.</summary>
internal static class UnicodeFile
{
    /// <summary>Every line's fields; lines that are comments or open a part are left out.</summary>
    public static IEnumerable<string[]> Rows(string name)
    {
        using var packed = typeof(UnicodeFile).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] is not ('#' or '@')) yield return [.. line.Split(';').Select(field => field.Trim())];
        }
    }

    public static string FirstLine(string name)
    {
        using var packed = typeof(UnicodeFile).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadLine()!;
    }

    /// <summary>`0044 0307` as text.</summary>
    public static string Text(string codePoints) => string.Concat(codePoints.Split(' ').Select(hex => char.ConvertFromUtf32(Hex(hex))));

    /// <summary>`0041` or `0041..005A`.</summary>
    public static IEnumerable<int> Range(string field)
    {
        var ends = field.Split("..");
        return Enumerable.Range(Hex(ends[0]), Hex(ends[^1]) - Hex(ends[0]) + 1);
    }

    public static IEnumerable<Rune> AllRunes => Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value));

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
