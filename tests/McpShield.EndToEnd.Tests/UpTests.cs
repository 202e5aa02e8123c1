using System.Net;
using System.Net.Http.Headers;
using System.Text;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary>The first minutes with the product: start it, connect an agent, see what was decided.</summary>
public sealed class UpTests(RunningShield shield) : IClassFixture<RunningShield>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Clients => [.. McpClient.Kinds];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_client_of_any_era_lists_and_calls_the_sample_with_the_printed_key(string kind)
    {
        var answers = await McpClient.OverHttpAsync(kind, shield.Mcp, shield.Key, [McpClient.List(), McpClient.Call("sample__query", new { sql = "SELECT count(*) AS n FROM customers" })], Ct);

        Assert.Equal("""["sample__query"]""", answers[0]["tools"]!.ToJsonString());
        Assert.Equal("60", answers[1]["result"]!["structuredContent"]!["rows"]![0]![0]!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_statement_that_writes_is_denied_with_the_reason_and_both_decisions_are_on_record(string kind)
    {
        var marker = $"marker {kind}";
        var answers = await McpClient.OverHttpAsync(
            kind, shield.Mcp, shield.Key, [McpClient.Call("sample__query", new { sql = $"DELETE FROM customers WHERE name = '{marker}'" }), McpClient.Call("sample__query", new { sql = $"SELECT '{marker}'" })], Ct);

        Assert.True((bool)answers[0]["result"]!["isError"]!);
        var text = (string)answers[0]["result"]!["content"]![0]!["text"]!;
        Assert.Contains("the sample database is read-only; use a SELECT", text, StringComparison.Ordinal);
        Assert.Contains("rule sample-is-read-only", text, StringComparison.Ordinal);
        Assert.Null(answers[1]["result"]!["isError"]);

        var audits = await shield.EndedAuditsAsync(Ct);
        Assert.Contains(audits, one => text.Contains((string)one["call_id"]!, StringComparison.Ordinal) && (string?)one["decision"] == "deny" && (string?)one["rule"] == "sample-is-read-only" && (string?)one["reason"] == "rule" && one["status"] is null);
        Assert.Contains(audits, static one => (string?)one["decision"] == "allow" && (string?)one["rule"] == "read-sample" && (string?)one["status"] == "succeeded");
    }

    [Fact]
    public async Task The_inspector_calls_a_tool_over_http()
    {
        var ended = await RunningProgram.RunAsync(
            Checkout.Node,
            [Checkout.PeerBin("mcp-inspector"), "--cli", shield.Mcp.ToString(), "--transport", "http", "--header", $"X-API-Key: {shield.Key}", "--method", "tools/call", "--tool-name", "sample__query", "--tool-arg", "sql=SELECT name FROM products ORDER BY id LIMIT 1"],
            Ct);

        Assert.True(ended.ExitCode == 0, ended.Errors);
        Assert.Contains("Field notebook", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_start_prints_links_key_and_client_entries()
    {
        Assert.Contains(shield.Mcp.ToString(), shield.Greeting, StringComparison.Ordinal);
        Assert.Contains($"claude mcp add --transport http mcpshield {shield.Mcp} --header \"X-API-Key: {shield.Key}\"", shield.Greeting, StringComparison.Ordinal);
        Assert.Contains("mcpServers", shield.Greeting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_is_kept_nowhere()
    {
        foreach (var file in Directory.EnumerateFiles(shield.Data).Where(static file => Path.GetFileName(file) != "lock"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Ct);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(shield.Key)) < 0, $"{file} holds the key");
        }
    }

    [Theory]
    [InlineData("X-API-Key", "mcps_wrong")]
    [InlineData("X-API-Key", "")]
    [InlineData("Authorization", "Bearer mcps_wrong")]
    [InlineData("Authorization", "Basic bWNwc193cm9uZw==")]
    public async Task A_wrong_key_opens_nothing_and_says_how_to_send_a_right_one(string header, string value)
    {
        using var http = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, shield.Mcp) { Content = Json("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""") };
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("\"code\":\"unauthenticated\"", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_works_as_a_bearer_token_too()
    {
        using var response = await PostAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""", bearer: true);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Bad_bodies_are_refused_with_one_clear_message_and_the_program_lives()
    {
        using var large = await PostAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"{{{new string('x', 2 * 1024 * 1024)}}}"}}""");
        using var broken = await PostAsync("{ this is not JSON");
        using var empty = await PostAsync("");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Contains("at most 1048576 bytes", await large.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("-32700", await broken.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);

        using var http = new HttpClient(new SocketsHttpHandler());
        Assert.Contains("\"status\":\"ok\"", await http.GetStringAsync(new Uri(shield.Url, "/health"), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_message_and_exit_code_3()
    {
        using var other = new TemporaryFolder();

        var ended = await RunningProgram.RunAsync(Checkout.Program, ["up", "--data", other["data"], "--api-url", shield.Url.ToString(), "--web-url", "http://127.0.0.1:0"], Ct);

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains($"port {shield.Url.Port} is taken", ended.Errors, StringComparison.Ordinal);
        Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("mcps_", ended.Output, StringComparison.Ordinal); // no key was made that nobody could use
    }

    [Fact]
    public async Task A_data_directory_in_use_is_one_clear_message_and_exit_code_3()
    {
        var ended = await RunningProgram.RunAsync(Checkout.Program, ["up", "--data", shield.Data, "--api-url", "http://127.0.0.1:0", "--web-url", "http://127.0.0.1:0"], Ct);

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains("is in use by another MCPShield", ended.Errors, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PostAsync(string body, bool bearer = false)
    {
        using var http = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, shield.Mcp) { Content = Json(body) };
        if (bearer) request.Headers.Authorization = new("Bearer", shield.Key);
        else request.Headers.Add("X-API-Key", shield.Key);
        return await http.SendAsync(request, Ct);
    }

    private static StringContent Json(string body) => new(body, new MediaTypeHeaderValue("application/json"));
}
