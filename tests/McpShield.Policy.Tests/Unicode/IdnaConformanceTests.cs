using System.Globalization;
using System.Text.RegularExpressions;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

/// <summary>IdnaTestV2.txt: its names, cut into labels as the caller of <see cref="Idna"/> does.</summary>
public sealed partial class IdnaConformanceTests
{
    private const string File = "IdnaTestV2.txt.gz";

    [Fact]
    public void Every_row_of_the_test_file_holds()
    {
        var (valid, invalid) = (0, 0);
        foreach (var row in UnicodeFile.Rows(File))
        {
            var source = Unescape(row[0]);
            // A blank column repeats the one before it: toUnicode repeats the source, toAsciiN toUnicode.
            var unicode = row[1].Length > 0 ? Unescape(row[1]) : source;
            var expected = row[3].Length > 0 ? Unescape(row[3]) : unicode;
            var status = row[4].Length > 0 ? row[4] : row[2];

            var ascii = ToAscii(source);
            if (status is "" or "[]")
            {
                Assert.True(ascii == expected, $"`{row[0]}` is `{expected}`, not `{ascii}`");
                valid++;
            }
            else
            {
                Assert.True(ascii is null, $"`{row[0]}` is refused with {status}, and was taken as `{ascii}`");
                invalid++;
            }
        }

        Assert.True(valid > 500 && invalid > 5_000, $"{valid} valid, {invalid} invalid");
    }

    /// <summary>A name, label by label; `null` when it has no ASCII form.</summary>
    private static string? ToAscii(string name)
    {
        // Full stops that come by mapping part labels too; they are `。`, `．` and `｡`, and no other character maps to one alone.
        var labels = name.Split(['.', '\u3002', '\uFF0E', '\uFF61']);
        var inBidiName = labels.Any(Idna.HasRightToLeft);
        var result = new string[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            if (!Idna.TryToAsciiLabel(labels[i], inBidiName, out result[i])) return null;
        }

        var ascii = string.Join('.', result);
        return ascii.Length <= 253 ? ascii : null;
    }

    private static string Unescape(string field) => field == "\"\"" ? "" : Escape().Replace(field, match =>
    {
        var value = int.Parse(match.Groups["hex"].ValueSpan.Trim("{}"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return value is >= 0xD800 and <= 0xDFFF ? ((char)value).ToString() : char.ConvertFromUtf32(value);
    });

    [GeneratedRegex(@"\\[ux](?<hex>\{[0-9A-F]+\}|[0-9A-F]{4})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Escape();
}
