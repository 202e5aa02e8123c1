using McpShield.Policy.Analysis;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Formatting;
using McpShield.Testing;

namespace McpShield.Policy.Tests.Analysis;

/// <summary>The policies that people start from load without a word, and do what their tests say.</summary>
public sealed class CookbookTests
{
    public static TheoryData<string> Policies =>
    [
        .. new[] { Path.Combine("docs", "cookbook"), Path.Combine("src", "McpShield.Cli", "Templates") }
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.yaml"))
            .Select(static file => Path.GetRelativePath(Checkout.Root, file))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_to_start_from_passes_its_own_tests(string file)
    {
        var loaded = PolicyLoader.Load(File.ReadAllText(Path.Combine(Checkout.Root, file)));

        Assert.True(loaded.Diagnostics.IsEmpty, string.Join('\n', loaded.Diagnostics));
        var results = PolicyTestResult.Run(loaded.Policy!, loaded.Policy!.Tests);
        Assert.True(results.Count >= 3, "a policy without tests shows nothing");
        Assert.All(results, static result => Assert.True(result.HasPassed, $"{result.Test.Name}: {result.Decision.Outcome} by {result.Decision.Rule}, {result.Decision.Message}"));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Its_layout_is_the_one_of_the_formatter(string file)
    {
        var text = File.ReadAllText(Path.Combine(Checkout.Root, file));

        Assert.Equal(text, PolicyFormatter.Format(text).Text);
    }
}
