using System.Net;
using System.Text.Json.Nodes;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary><c>mcpshield admin …</c> on the database of a server that runs.</summary>
public sealed class OperatorTests(RunningShield shield) : IClassFixture<RunningShield>
{
    private const string Owner = "owner@localhost";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_suspended_owners_keys_open_nothing_until_the_suspension_is_taken_back()
    {
        var key = await NewKeyAsync();

        await AdminAsync("users", "suspend", Owner);
        Assert.Equal("suspended", (string?)Assert.Single(await LinesAsync("users", "list"))["status"]);
        await AnswersAsync(key, HttpStatusCode.Unauthorized);

        await AdminAsync("users", "activate", Owner);
        await AnswersAsync(key, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lost_first_key_is_replaced()
    {
        var (lost, fresh) = (await NewKeyAsync(), await NewKeyAsync());

        Assert.StartsWith("mcps_", fresh, StringComparison.Ordinal);
        await AnswersAsync(lost, HttpStatusCode.Unauthorized);
        await AnswersAsync(fresh, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Plans_and_their_limits_are_the_operators()
    {
        await AdminAsync("plan", "set", Owner, "pro", "--yearly");
        await AdminAsync("plans", "set-limit", "pro", "members", "7");
        await AdminAsync("plans", "set-limit", "pro", "past-limit", "refuse");

        Assert.Equal("pro", (string?)Assert.Single(await LinesAsync("users", "list"))["plan"]);
        var pro = (await LinesAsync("plans", "list")).Single(static plan => (string?)plan["code"] == "pro");
        Assert.Equal((7, "refuse"), ((int?)pro["limits"]!["max_members"], (string?)pro["limits"]!["past_limit"]));
    }

    [Theory]
    [InlineData(1, "users", "suspend", "nobody@example.com")]
    [InlineData(1, "plan", "set", Owner, "gold")]
    [InlineData(2, "plans", "set-limit", "pro", "members", "many")]
    [InlineData(2, "plans", "set-limit", "pro", "colour", "1")]
    public async Task What_does_not_exist_or_makes_no_sense_is_said_in_one_line(int code, params string[] words)
    {
        var ended = await RunAsync(words);

        Assert.Equal((code, ""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("mcpshield: ", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_database_none_is_made()
    {
        using var folder = new TemporaryFolder();

        var ended = await RunningProgram.RunAsync(Checkout.Program, ["admin", "users", "list", "--data", folder["nothing"]], Ct);

        Assert.Equal(3, ended.ExitCode);
        Assert.False(Directory.Exists(folder["nothing"]));
    }

    private async Task<string> NewKeyAsync() => (await AdminAsync("keys", "rotate-demo")).Trim();

    private async Task<string> AdminAsync(params string[] words)
    {
        var ended = await RunAsync(words);
        Assert.True(ended.ExitCode == 0, ended.Errors);
        return ended.Output;
    }

    private async Task<IReadOnlyList<JsonNode>> LinesAsync(params string[] words) =>
        [.. (await AdminAsync([.. words, "--json"])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!)];

    private Task<Ended> RunAsync(string[] words) => RunningProgram.RunAsync(Checkout.Program, ["admin", .. words, "--data", shield.Data], Ct);

    // The server hears of it by polling; the test's own time-out is the end of patience.
    private async Task AnswersAsync(string key, HttpStatusCode expected)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = shield.Url };
        http.DefaultRequestHeaders.Add("X-API-Key", key);
        while (true)
        {
            using var answer = await http.GetAsync("/policy", Ct);
            if (answer.StatusCode == expected) return;
            await Task.Delay(50, Ct);
        }
    }
}
