using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.Web.Tests;

/// <summary>What the site takes from npm.</summary>
public sealed partial class FrontendTests
{
    private static string Web => Path.Combine(Checkout.Root, "src", "McpShield.Web");

    [Fact]
    public void Every_icon_that_a_page_names_is_there()
    {
        var sprite = File.ReadAllText(Path.Combine(Web, "wwwroot/lib/icons.svg"));
        var named = Directory.EnumerateFiles(Web, "*.razor", SearchOption.AllDirectories).SelectMany(static file => IconName().Matches(File.ReadAllText(file))).Select(static icon => icon.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains($"id=\"{name}\"", sprite, StringComparison.Ordinal));
    }

    [Fact]
    public void Fonts_weigh_at_most_120_kB_together() =>
        Assert.True(Directory.EnumerateFiles(Path.Combine(Web, "wwwroot/lib"), "*.woff2").Sum(static file => new FileInfo(file).Length) is > 0 and <= 120_000);

    [GeneratedRegex("<Icon[^>]* Name=\"(?<name>[a-z0-9-]+)\"|\\bIcon=\"(?<name>[a-z0-9-]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IconName();
}
