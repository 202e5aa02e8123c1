using System.Globalization;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Tests.Unicode;

public sealed class TableTests
{
    private static readonly string[] Names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc",
        "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    [Fact]
    public void Every_code_point_has_the_category_of_the_database()
    {
        var expected = new UnicodeCategory[0x110000];
        Array.Fill(expected, UnicodeCategory.OtherNotAssigned);
        foreach (var row in UnicodeFile.Rows("DerivedGeneralCategory.txt.gz"))
        {
            foreach (var codePoint in UnicodeFile.Range(row[0])) expected[codePoint] = (UnicodeCategory)Array.IndexOf(Names, row[1]);
        }

        foreach (var rune in UnicodeFile.AllRunes) Assert.Equal(expected[rune.Value], UnicodeText.Category(rune));
    }

    [Fact]
    public void Every_code_point_folds_as_the_database_says()
    {
        var expected = UnicodeFile.Rows("CaseFolding.txt.gz").Where(row => row[1] is "C" or "F")
            .ToDictionary(row => UnicodeFile.Text(row[0]), row => UnicodeFile.Text(row[2]), StringComparer.Ordinal);

        foreach (var rune in UnicodeFile.AllRunes)
        {
            var text = rune.ToString();
            Assert.Equal(expected.GetValueOrDefault(text, text), UnicodeText.FoldCase(text));
        }
    }

    [Fact]
    public void Control_format_private_and_unassigned_characters_are_told_apart()
    {
        Assert.Equal(UnicodeCategory.Control, UnicodeText.Category(new(0x85)));
        Assert.Equal(UnicodeCategory.Format, UnicodeText.Category(new(0x200B)));
        Assert.Equal(UnicodeCategory.Format, UnicodeText.Category(new(0xE0041)));
        Assert.Equal(UnicodeCategory.LineSeparator, UnicodeText.Category(new(0x2028)));
        Assert.Equal(UnicodeCategory.PrivateUse, UnicodeText.Category(new(0x10FFFD)));
        Assert.Equal(UnicodeCategory.OtherNotAssigned, UnicodeText.Category(new(0x10FFFF)));
        Assert.Equal(UnicodeCategory.OtherNotAssigned, UnicodeText.Category(new(0x0378)));
    }
}
