using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.Web.Tests;

/// <summary>What the site takes from npm.</summary>
public sealed partial class FrontendTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Web => Path.Combine(Checkout.Root, "src", "McpShield.Web");

    [Fact]
    public async Task The_editor_knows_its_way_about_the_real_schema()
    {
        var ended = await RunningProgram.RunAsync("node", ["--test", Path.Combine(Web, "Frontend", "schema.test.mjs")], Ct, directory: Web);

        Assert.True(ended.ExitCode == 0, ended.Output);
    }

    [Fact]
    public void Every_icon_that_a_page_names_is_there()
    {
        var named = Directory.EnumerateFiles(Web, "*.razor", SearchOption.AllDirectories).SelectMany(static file => IconName().Matches(File.ReadAllText(file))).Select(static icon => icon.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var sprite = File.ReadAllText(Path.Combine(Web, "wwwroot/lib/icons.svg"));

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains($"id=\"{name}\"", sprite, StringComparison.Ordinal));
    }

    [Fact]
    public void Fonts_weigh_at_most_120_kB_together() =>
        Assert.True(Directory.EnumerateFiles(Path.Combine(Web, "wwwroot/lib"), "*.woff2").Sum(static file => new FileInfo(file).Length) is > 0 and <= 120_000);

    [GeneratedRegex("<Icon[^>]* Name=\"(?<name>[a-z0-9-]+)\"|\\bIcon=\"(?<name>[a-z0-9-]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IconName();
}
