using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

/// <summary>NormalizationTest.txt, which a program must pass to call its forms NFC and NFKC.</summary>
public sealed class NormalizationConformanceTests
{
    private const string File = "NormalizationTest.txt.gz";

    [Fact]
    public void The_test_file_and_the_tables_are_of_one_version() =>
        Assert.Contains(UnicodeText.Version, UnicodeFile.FirstLine(File), StringComparison.Ordinal);

    [Fact]
    public void Every_row_of_the_test_file_holds()
    {
        var rows = 0;
        foreach (var row in UnicodeFile.Rows(File))
        {
            var forms = row[..5].Select(UnicodeFile.Text).ToArray();
            var (nfc, nfkc) = (forms[1], forms[3]);
            foreach (var form in forms[..3]) Assert.Equal(nfc, UnicodeText.ToNfc(form));
            foreach (var form in forms[3..]) Assert.Equal(nfkc, UnicodeText.ToNfc(form));
            foreach (var form in forms) Assert.Equal(nfkc, UnicodeText.ToNfkc(form));
            rows++;
        }

        Assert.True(rows > 19_000);
    }

    [Fact]
    public void A_character_that_the_first_part_does_not_list_stays_as_it_is()
    {
        var listed = UnicodeFile.Rows(File).Select(row => row[0]).Where(source => !source.Contains(' ', StringComparison.Ordinal))
            .Select(UnicodeFile.Text).ToHashSet(StringComparer.Ordinal);

        foreach (var rune in UnicodeFile.AllRunes)
        {
            var text = rune.ToString();
            if (listed.Contains(text)) continue;
            Assert.Same(text, UnicodeText.ToNfc(text));
            Assert.Same(text, UnicodeText.ToNfkc(text));
        }
    }
}
