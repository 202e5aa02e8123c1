using System.Text.Json.Nodes;

namespace McpShield.Gateway.Tests;

/// <summary>Streamable HTTP as both eras define it.</summary>
public sealed class HttpFrontTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("1999-01-01", "2025-11-25")]
    [InlineData("2026-07-28", "2025-11-25")]
    public async Task Initialize_agrees_on_a_revision_that_is_spoken(string requested, string agreed)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, $$$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{{{requested}}}}","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");

        Assert.Equal(agreed, (string?)answer.Json["result"]!["protocolVersion"]);
    }

    [Fact]
    public async Task A_session_is_needed_belongs_to_its_key_and_can_be_ended()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();
        const string List = """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""";

        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Post, List)).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, List, headers: ("Mcp-Session-Id", "unknown"))).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, List, key: "key-b", headers: ("Mcp-Session-Id", session))).Status);
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Post, List, headers: ("Mcp-Session-Id", session))).Status);
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Post, List, headers: [("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-06-18")])).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Delete, null, key: "key-b", headers: ("Mcp-Session-Id", session))).Status);
        Assert.Equal(204, (await gateway.SendAsync(HttpMethod.Delete, null, headers: ("Mcp-Session-Id", session))).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, List, headers: ("Mcp-Session-Id", session))).Status);
    }

    [Fact]
    public async Task A_key_that_opens_sessions_without_end_loses_its_oldest_and_no_other_key_notices()
    {
        await using var gateway = await GatewayHost.StartAsync();
        const string Ping = """{"jsonrpc":"2.0","id":2,"method":"ping"}""";
        var other = await gateway.InitializeAsync(key: "key-b");
        var first = await gateway.InitializeAsync();

        for (var i = 0; i < 200; i++) await gateway.InitializeAsync();

        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, Ping, headers: ("Mcp-Session-Id", first))).Status);
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Post, Ping, key: "key-b", headers: ("Mcp-Session-Id", other))).Status);
    }

    [Fact]
    public async Task An_idle_session_ends_after_half_an_hour()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var gateway = await GatewayHost.StartAsync(clock: clock);
        var session = await gateway.InitializeAsync();
        const string Ping = """{"jsonrpc":"2.0","id":2,"method":"ping"}""";

        clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Post, Ping, headers: ("Mcp-Session-Id", session))).Status);
        clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Post, Ping, headers: ("Mcp-Session-Id", session))).Status);
        clock.Advance(TimeSpan.FromMinutes(32));
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, Ping, headers: ("Mcp-Session-Id", session))).Status);
    }

    [Fact]
    public async Task The_stateless_era_knows_neither_get_nor_delete_nor_sessions()
    {
        await using var gateway = await GatewayHost.StartAsync();

        Assert.Equal(405, (await gateway.SendAsync(HttpMethod.Get, null, headers: ("MCP-Protocol-Version", "2026-07-28"))).Status);
        Assert.Equal(405, (await gateway.SendAsync(HttpMethod.Delete, null, headers: ("MCP-Protocol-Version", "2026-07-28"))).Status);
        Assert.Equal(405, (await gateway.SendAsync(HttpMethod.Put, "{}")).Status);
        Assert.Equal(404, (await gateway.ModernAsync("ping")).Status);
        Assert.Equal(404, (await gateway.ModernAsync("initialize")).Status);
    }

    [Fact]
    public async Task Discover_names_the_stateless_revisions_and_every_result_its_type()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var discovered = await gateway.ModernAsync("server/discover");
        var listed = await gateway.ModernAsync("tools/list");
        var called = await gateway.CallAsync("rec__echo", """{"a":1}""");

        Assert.Equal("""["2026-07-28"]""", discovered.Json["result"]!["supportedVersions"]!.ToJsonString());
        foreach (var answer in (Answer[])[discovered, listed, called]) Assert.Equal("complete", (string?)answer.Json["result"]!["resultType"]);
        Assert.Equal("private", (string?)listed.Json["result"]!["cacheScope"]);
    }

    [Theory]
    [InlineData("2027-01-01")]
    [InlineData("draft")]
    public async Task An_unknown_revision_is_refused_with_those_that_are_known(string revision)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, GatewayHost.ModernBody("tools/list").Replace("2026-07-28", revision, StringComparison.Ordinal), headers: [("MCP-Protocol-Version", revision), ("Mcp-Method", "tools/list")]);

        Assert.Equal((400, -32022), (answer.Status, answer.ErrorCode));
        Assert.Equal("""["2026-07-28"]""", answer.Json["error"]!["data"]!["supported"]!.ToJsonString());
    }

    [Fact]
    public async Task Metadata_without_capabilities_is_refused()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.SendAsync(
            HttpMethod.Post, """{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}""", headers: GatewayHost.ModernHeaders("tools/list"));

        Assert.Equal((400, -32602), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Progress_makes_the_answer_a_stream_under_the_agents_own_token()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var body = GatewayHost.ModernBody("tools/call", "\"name\":\"rec__progress\"").Replace("\"_meta\":{", "\"_meta\":{\"progressToken\":\"mine\",", StringComparison.Ordinal);

        var answer = await gateway.SendAsync(HttpMethod.Post, body, headers: GatewayHost.ModernHeaders("tools/call", "rec__progress"));

        var events = answer.Body.Split('\n').Where(static line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(static line => JsonNode.Parse(line[6..])!).ToList();
        Assert.Equal(4, events.Count);
        Assert.All(events.Take(3), static one => Assert.Equal("mine", (string?)one["params"]!["progressToken"]));
        Assert.All(events.Take(3), static one => Assert.Null(one["params"]!["extra"]));
        Assert.Equal("done", (string?)events[3]["result"]!["content"]![0]!["text"]);
        Assert.DoesNotContain("mine", gateway.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_at_the_server_and_on_record()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();
        var calling = gateway.SendAsync(HttpMethod.Post, """{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"rec__slow"}}""", headers: ("Mcp-Session-Id", session));
        await Testing.Eventually.IsTrueAsync(() => gateway.Seen.Contains("\"slow\"", StringComparison.Ordinal), Ct);

        var accepted = await gateway.SendAsync(HttpMethod.Post, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}""", headers: ("Mcp-Session-Id", session));

        Assert.Equal(202, accepted.Status);
        await calling;
        await Testing.Eventually.IsTrueAsync(() => gateway.Seen.Contains("notifications/cancelled", StringComparison.Ordinal), Ct);
        await Testing.Eventually.IsTrueAsync(() => gateway.Audits[0].Status == "cancelled", Ct);
    }

    [Fact]
    public async Task An_agent_that_hangs_up_leaves_a_finished_record()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler());
        using var hangingUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new StringContent(GatewayHost.ModernBody("tools/call", "\"name\":\"rec__slow\""), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("X-API-Key", "key-a");
        foreach (var (name, value) in GatewayHost.ModernHeaders("tools/call", "rec__slow")) request.Headers.Add(name, value);
        var calling = http.SendAsync(request, hangingUp.Token);
        await Testing.Eventually.IsTrueAsync(() => gateway.Seen.Contains("\"slow\"", StringComparison.Ordinal), Ct);

        await hangingUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        await Testing.Eventually.IsTrueAsync(() => gateway.Audits[0].Status == "cancelled", Ct);
    }

    [Fact]
    public async Task Both_kinds_of_subscription_hear_that_the_tools_changed()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();
        var (legacy, legacyLines) = await gateway.OpenAsync(HttpMethod.Get, null, ("Mcp-Session-Id", session));
        var (modern, modernLines) = await gateway.OpenAsync(HttpMethod.Post, GatewayHost.ModernBody("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"), GatewayHost.ModernHeaders("subscriptions/listen"));
        using (legacy)
        using (modern)
        {
            Assert.Contains("notifications/subscriptions/acknowledged", await ReadDataAsync(modernLines), StringComparison.Ordinal);

            gateway.Project.UsePolicy(GatewayHost.Load("version: 1\ndefault: deny\nrules: []\n"));

            Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""", await ReadDataAsync(legacyLines));
            var told = JsonNode.Parse(await ReadDataAsync(modernLines))!;
            Assert.Equal("notifications/tools/list_changed", (string?)told["method"]);
            Assert.Equal(7, (int?)told["params"]!["_meta"]!["io.modelcontextprotocol/subscriptionId"]);
        }
    }

    [Fact]
    public async Task A_message_may_be_exactly_as_large_as_the_limit()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var frame = GatewayHost.ModernBody("tools/call", "\"name\":\"rec__echo\",\"arguments\":{\"x\":\"\"}");
        string Body(int bytes) => GatewayHost.ModernBody("tools/call", $$"""
            "name":"rec__echo","arguments":{"x":"{{new string('x', bytes - frame.Length)}}"}
            """);

        var atLimit = await gateway.SendAsync(HttpMethod.Post, Body(1024 * 1024), headers: GatewayHost.ModernHeaders("tools/call", "rec__echo"));
        var beyond = await gateway.SendAsync(HttpMethod.Post, Body((1024 * 1024) + 1), headers: GatewayHost.ModernHeaders("tools/call", "rec__echo"));

        Assert.Equal(200, atLimit.Status);
        Assert.Equal(413, beyond.Status);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json;q=0")]
    public async Task An_agent_that_reads_no_json_is_told_so(string accept)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("X-API-Key", "key-a");
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await http.SendAsync(request, Ct);

        Assert.Equal(406, (int)response.StatusCode);
    }

    private static async Task<string> ReadDataAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync(Ct) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return line[6..];
        }

        throw new InvalidOperationException("the stream ended");
    }
}
