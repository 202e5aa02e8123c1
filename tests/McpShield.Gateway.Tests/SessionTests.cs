namespace McpShield.Gateway.Tests;

/// <summary>What a conversation gathers: labels and counts, over each way in which a session is told from others.</summary>
public sealed class SessionTests
{
    internal const string Guarded = """
        version: 1
        rules:
          - {id: no-leak, tool: rec.numbers, decision: deny, conditions: {session_labels: {any_of: [private_data]}}}
          - {id: source, tool: [rec.echo, rec.fail, rec.error], decision: allow, labels: {add: [private_data]}}
          - {id: sink, tool: rec.numbers, decision: allow}
          - {id: twice, tool: rec.progress, decision: allow, conditions: {calls_in_session: {tool: rec.progress, max: 2}}}
        """;

    [Theory]
    [InlineData("echo")]
    [InlineData("fail")] // a server that calls its answer an error has answered all the same
    [InlineData("error")]
    public async Task What_a_source_has_put_on_a_session_closes_the_sink(string source)
    {
        await using var gateway = await GatewayHost.StartAsync(Guarded);
        var session = await gateway.InitializeAsync();

        Assert.False((await LegacyAsync(gateway, session, "numbers")).IsToolError);
        await LegacyAsync(gateway, session, source);
        var after = await LegacyAsync(gateway, session, "numbers");

        Assert.True(after.IsToolError);
        Assert.Contains("no-leak", after.Text, StringComparison.Ordinal);
        Assert.False((await LegacyAsync(gateway, await gateway.InitializeAsync(), "numbers")).IsToolError); // another session has gathered nothing
    }

    [Fact]
    public async Task Without_a_transport_session_the_handle_that_the_client_returns_tells_conversations_apart()
    {
        await using var gateway = await GatewayHost.StartAsync(Guarded);
        var first = Handle(await gateway.CallAsync("rec__numbers"));

        await ModernAsync(gateway, "rec__echo", first);

        Assert.True((await ModernAsync(gateway, "rec__numbers", first)).IsToolError);
    }

    [Fact]
    public async Task Dropping_or_inventing_a_handle_does_not_shed_a_label()
    {
        await using var gateway = await GatewayHost.StartAsync(Guarded);
        var handle = Handle(await gateway.CallAsync("rec__numbers"));
        await ModernAsync(gateway, "rec__echo", handle);

        Assert.True((await gateway.CallAsync("rec__numbers")).IsToolError);
        Assert.True((await ModernAsync(gateway, "rec__numbers", "AAAAAAAAAAAAAAAAAAAAAA")).IsToolError);
    }

    [Fact]
    public async Task A_count_lets_exactly_so_many_through_however_many_come_at_once()
    {
        await using var gateway = await GatewayHost.StartAsync(Guarded);
        var session = await gateway.InitializeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => LegacyAsync(gateway, session, "progress", number + 10)));

        Assert.Equal(2, answers.Count(static answer => !answer.IsToolError));
    }

    [Fact]
    public async Task A_rate_limit_counts_sessions_apart()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\nrules:\n  - {tool: rec.echo, decision: allow, rate_limit: {limit: 1/1d, key: session}}\n");
        var (one, two) = (await gateway.InitializeAsync(), await gateway.InitializeAsync());

        Assert.False((await LegacyAsync(gateway, one, "echo")).IsToolError);
        Assert.Contains("rate_limited", (await LegacyAsync(gateway, one, "echo")).Text, StringComparison.Ordinal);
        Assert.False((await LegacyAsync(gateway, two, "echo")).IsToolError);
    }

    internal static string Handle(Answer answer) => (string)answer.Json["result"]!["_meta"]!["io.mcpshield/conversation"]!;

    private static Task<Answer> LegacyAsync(GatewayHost gateway, string session, string tool, int id = 5) =>
        gateway.SendAsync(HttpMethod.Post, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"method":"tools/call","params":{"name":"rec__{{{{tool}}}}","arguments":{}}}""", headers: [("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")]);

    internal static Task<Answer> ModernAsync(GatewayHost gateway, string tool, string handle) => gateway.SendAsync(
        HttpMethod.Post,
        GatewayHost.ModernBody("tools/call", $"\"name\":\"{tool}\",\"arguments\":{{}}").Replace("\"_meta\":{", $"\"_meta\":{{\"io.mcpshield/conversation\":\"{handle}\",", StringComparison.Ordinal),
        headers: GatewayHost.ModernHeaders("tools/call", tool));
}
