using McpShield.Policy.Language.Formatting;

namespace McpShield.Policy.Tests.Language.Formatting;

public sealed class FormatterTests
{
    /// <summary>Files as they are written and as they come out, divided by a line of dashes.</summary>
    public static TheoryData<string> Samples => [.. Directory.GetFiles(Folder, "*.formatted").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Conformance", "formatting");

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_policy_comes_out_in_the_one_layout(string name)
    {
        var parts = File.ReadAllText(Path.Combine(Folder, name + ".formatted")).Split("\n----------\n");

        var formatted = PolicyFormatter.Format(parts[0] + "\n");

        Assert.True(formatted.Text is not null, string.Join('\n', formatted.Diagnostics));
        Assert.Equal(parts[1], formatted.Text);
        Assert.Equal(parts[1], PolicyFormatter.Format(parts[1]).Text);
    }

    [Fact]
    public void Windows_line_ends_and_a_missing_last_one_are_mended() =>
        Assert.Equal("version: 1\nrules: []\n", PolicyFormatter.Format("version: 1\r\nrules: []").Text);

    /// <summary>What is wrong keeps its diagnostics; what is only odd says so. Neither is touched.</summary>
    [Theory]
    [InlineData("version: 1\nrules: [\n", "yaml")]
    [InlineData("", "empty")]
    [InlineData("# nothing\n", "empty")]
    [InlineData("a: 1\na: 2\n", "duplicate-key")]
    [InlineData("a: &x 1\n", "anchor")]
    [InlineData("a: 1\n---\nb: 1\n", "second-document")]
    [InlineData("a:\t1\n", "tab")]
    [InlineData("- a\n", "cannot-format")]
    [InlineData("word\n", "cannot-format")]
    [InlineData("%YAML 1.1\n---\na: 1\n", "cannot-format")]
    [InlineData("a: 1\rb: 2\n", "cannot-format")]
    [InlineData("a: \"\uFEFF\"\n", "cannot-format")]
    public void What_cannot_be_formatted_is_refused(string yaml, string code)
    {
        var formatted = PolicyFormatter.Format(yaml);

        Assert.Null(formatted.Text);
        Assert.Equal(code, Assert.Single(formatted.Diagnostics).Code);
    }
}
