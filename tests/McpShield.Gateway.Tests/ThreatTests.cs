using System.Text;

namespace McpShield.Gateway.Tests;

/// <summary>Attacks that other gateways fell for, each at our front door. The server behind must not see anything of them.</summary>
public sealed class ThreatTests
{
    /// <summary>P01: members that differ by case, stand twice, or end in a NUL character, at every level of a message.</summary>
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","Method":"tools/list","params":{"name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/list","method":"tools/call","params":{"name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","method\u0000":"x","params":{"name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"Method":"tools/call","params":{"name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","param\u017f":{},"params":{"name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","extra":1,"params":{"name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__fail","Name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__fail","name":"rec__echo"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{},"Arguments":{"path":"/etc"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{"path":"/a","path":"/etc"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{"path":"/a","Path":"/etc"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{"key":"/a","\u212aey":"/etc"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{"path":"/a","path\u0000":"/etc"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{"text":"\ud800"}}}""")]
    public async Task P01_members_that_two_readers_could_read_differently_are_refused(string body)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, body, headers: ("Mcp-Session-Id", session));

        Assert.Equal(400, answer.Status);
        Assert.Contains(answer.ErrorCode, new int?[] { -32600, -32700 });
        Assert.DoesNotContain("tools/call", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal(("deny", "invalid_request"), (gateway.Audits[0].Decision, gateway.Audits[0].Reason));
    }

    /// <summary>P01: what is not a parameter of a call could be one to whoever reads on; it is refused where parameters are looked at.</summary>
    [Theory]
    [InlineData("\"name\":\"rec__echo\",\"tool\":\"rec__fail\"")]
    [InlineData("\"name\":[\"rec__echo\"]")]
    [InlineData("\"name\":\"rec__echo\",\"arguments\":[1]")]
    [InlineData("\"arguments\":{}")]
    public async Task P01_parameters_of_a_call_hold_what_a_call_holds_and_nothing_else(string parameters)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, $$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{{{parameters}}}}}""", headers: ("Mcp-Session-Id", session));

        Assert.Equal(-32602, answer.ErrorCode);
        Assert.DoesNotContain("tools/call", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal("invalid_request", gateway.Audits[0].Reason);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"rec__echo"}}]""")]
    public async Task P02_a_batch_is_refused_whole(string body)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, body, headers: ("Mcp-Session-Id", session));

        Assert.Equal((400, -32600), (answer.Status, answer.ErrorCode));
        Assert.DoesNotContain("tools/call", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal("deny", gateway.Audits[0].Decision);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/plain; note=application/json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    [InlineData("multipart/form-data; boundary=application/json")]
    [InlineData(null)]
    public async Task P03_a_body_under_another_label_is_refused_and_on_record(string? contentType)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, GatewayHost.ModernBody("tools/call", "\"name\":\"rec__echo\""), contentType, headers: GatewayHost.ModernHeaders("tools/call", "rec__echo"));

        Assert.Equal(415, answer.Status);
        Assert.Equal(("deny", "invalid_request"), (gateway.Audits[0].Decision, gateway.Audits[0].Reason));
        Assert.DoesNotContain("tools/call", gateway.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON ; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    public async Task P03_the_right_label_is_read_as_a_media_type_not_as_a_text(string contentType)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.SendAsync(HttpMethod.Post, GatewayHost.ModernBody("tools/call", "\"name\":\"rec__echo\""), contentType, headers: GatewayHost.ModernHeaders("tools/call", "rec__echo"));

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("tools/call2")]
    [InlineData("tools/Call")]
    [InlineData("completion/complete")]
    [InlineData("resources/read")]
    [InlineData("prompts/get")]
    [InlineData("tasks/get")]
    [InlineData("logging/setLevel")]
    [InlineData("")]
    public async Task P05_a_method_that_nobody_listed_is_refused_in_both_eras(string method)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var session = await gateway.InitializeAsync();

        var modern = await gateway.ModernAsync(method, "\"name\":\"rec__echo\"", "rec__echo");
        var legacy = await gateway.SendAsync(HttpMethod.Post, $$$"""{"jsonrpc":"2.0","id":7,"method":"{{{method}}}","params":{"name":"rec__echo"}}""", headers: ("Mcp-Session-Id", session));

        Assert.Equal(-32601, legacy.ErrorCode);
        if (method.Length > 0) Assert.Equal((404, -32601), (modern.Status, modern.ErrorCode));
        else Assert.InRange(modern.Status, 400, 404);
        Assert.Equal(["deny", "deny"], gateway.Audits.Select(static one => one.Decision));
        Assert.DoesNotContain("echo", gateway.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools/call", "rec__fail", "2026-07-28")]
    [InlineData("tools/call", "=?base64?cmVjX19mYWls?=", "2026-07-28")]
    [InlineData("tools/call", "=?base64?not base64?=", "2026-07-28")]
    [InlineData("tools/call", "REC__ECHO", "2026-07-28")]
    [InlineData("tools/call", null, "2026-07-28")]
    [InlineData("tools/list", "rec__echo", "2026-07-28")]
    [InlineData(null, "rec__echo", "2026-07-28")]
    [InlineData("tools/call", "rec__echo", "2025-11-25")]
    [InlineData("tools/call", "rec__echo", null)]
    public async Task P06_headers_that_differ_from_the_message_are_refused(string? method, string? name, string? version)
    {
        await using var gateway = await GatewayHost.StartAsync();
        (string Name, string? Value)[] headers = [("Mcp-Method", method), ("Mcp-Name", name), ("MCP-Protocol-Version", version)];

        var answer = await gateway.SendAsync(
            HttpMethod.Post, GatewayHost.ModernBody("tools/call", "\"name\":\"rec__echo\""), headers: [.. headers.Where(static header => header.Value is not null).Select(static header => (header.Name, header.Value!))]);

        Assert.Equal((400, -32020), (answer.Status, answer.ErrorCode));
        Assert.DoesNotContain("echo", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal("deny", gateway.Audits[0].Decision);
    }

    [Theory]
    [InlineData("rec__echo")]
    [InlineData("=?base64?cmVjX19lY2hv?=")]
    public async Task P06_headers_that_say_the_same_in_either_form_pass(string name)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.ModernAsync("tools/call", "\"name\":\"rec__echo\"", name);

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task P06_a_header_that_stands_twice_is_refused()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.ModernAsync("tools/call", "\"name\":\"rec__echo\"", "rec__echo", ("Mcp-Name", "rec__fail"));

        Assert.Equal((400, -32020), (answer.Status, answer.ErrorCode));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://localhost:3000.evil.example")]
    [InlineData("http://localhost:3001")]
    [InlineData("https://localhost:3000")]
    public async Task P11_a_page_of_another_origin_is_refused_before_its_key_is_looked_at(string origin)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.ModernAsync("tools/list", headers: ("Origin", origin));

        Assert.Equal(403, answer.Status);
        Assert.Empty(gateway.Seen);
    }

    [Fact]
    public async Task P11_the_configured_origin_may_call()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.ModernAsync("tools/list", headers: ("Origin", "http://localhost:3000"));

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("evil.test")]
    [InlineData("evil.test:8000")]
    [InlineData("localhost.evil.test")]
    [InlineData("127.0.0.1.evil.test")]
    [InlineData("169.254.169.254")]
    public async Task P12_a_name_that_is_not_ours_is_refused(string host)
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.ModernAsync("tools/list", headers: ("Host", host));

        Assert.Equal(403, answer.Status);
        Assert.Empty(gateway.Seen);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_refused()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new ByteArrayContent([.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\""u8, 0xC0, 0xAF, .. "\"}"u8]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-API-Key", "key-a");

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("-32700", Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }
}
