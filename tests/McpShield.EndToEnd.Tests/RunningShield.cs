using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary><c>mcpshield up</c> as a user starts it, on a port of its own and an empty data directory.</summary>
public sealed partial class RunningShield : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private RunningProgram? program;

    public string Data => folder["data"];

    public Uri Url { get; private set; } = null!;

    /// <summary>The dashboard.</summary>
    public Uri Web { get; private set; } = null!;

    public Uri Mcp => new(Url, "/mcp");

    public string Key { get; private set; } = "";

    public string Greeting { get; private set; } = "";

    public RunningProgram Program => program!;

    public async ValueTask InitializeAsync() => await StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (program is not null) await program.DisposeAsync();
        folder.Dispose();
    }

    public async Task StartAsync(CancellationToken ct)
    {
        program = RunningProgram.Start(Checkout.Program, ["up", "--data", Data, "--api-url", "http://127.0.0.1:0", "--web-url", "http://127.0.0.1:0"]);
        Greeting = await program.ReadUntilAsync("Stop with", ct);
        Url = new(ApiLine().Match(Greeting).Groups["url"].Value);
        Web = new(WebLine().Match(Greeting).Groups["url"].Value);
        if (KeyText().Match(Greeting) is { Success: true } key) Key = key.Value;
    }

    public async Task<Ended> StopAsync(CancellationToken ct) => await program!.TerminateAsync(ct);

    /// <summary><c>mcpshield audits list --json</c>, newest first, once what was let through has its end on record.</summary>
    public async Task<IReadOnlyList<System.Text.Json.Nodes.JsonNode>> EndedAuditsAsync(CancellationToken ct)
    {
        while (true)
        {
            var entries = await AuditsAsync(ct);
            if (entries.All(static one => (string?)one["decision"] != "allow" || one["status"] is not null)) return entries;
        }
    }

    /// <summary><c>mcpshield audits list --json</c>, newest first.</summary>
    public async Task<IReadOnlyList<System.Text.Json.Nodes.JsonNode>> AuditsAsync(CancellationToken ct)
    {
        var listed = await RunningProgram.RunAsync(Checkout.Program, ["audits", "list", "--data", Data, "--json", "--limit", "200"], ct);
        Assert.Equal(0, listed.ExitCode);
        return [.. listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => System.Text.Json.Nodes.JsonNode.Parse(line)!)];
    }

    [GeneratedRegex(@"API +(?<url>http\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ApiLine();

    [GeneratedRegex(@"web +(?<url>http\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WebLine();

    [GeneratedRegex("mcps_[A-Za-z0-9_-]{43}", RegexOptions.None, 1000)]
    private static partial Regex KeyText();
}
