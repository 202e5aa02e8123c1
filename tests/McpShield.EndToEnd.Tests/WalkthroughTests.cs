using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary>What the API's page says to type is typed.</summary>
public sealed partial class WalkthroughTests(RunningShield shield) : IClassFixture<RunningShield>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_walk_throughs_run_as_they_stand()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "api.md"), Ct);
        var script = "set -euo pipefail\n" + string.Join('\n', Block().Matches(page).Select(static block => block.Groups["text"].Value));

        var ended = await RunningProgram.RunAsync("bash", ["-c", script], Ct, new Dictionary<string, string?>(StringComparer.Ordinal) { ["API"] = shield.Url.GetLeftPart(UriPartial.Authority) });

        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Contains("\"source\":\"reported\"", ended.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("^```sh\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
