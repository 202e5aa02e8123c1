using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Audit;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using McpShield.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Gateway.Tests;

/// <summary>An agent on standard input and output.</summary>
public sealed class StdioFrontTests : IAsyncLifetime
{
    private const string Initialize = """{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private readonly TemporaryFolder folder = new();
    private readonly Pipe input = new();
    private readonly Pipe output = new();
    private AuditLog? audit;
    private GatewayProject? project;
    private StdioFront? front;
    private Task? running;
    private StreamReader? lines;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IReadOnlyList<AuditEntry> Audits => AuditFileReader.List(folder["audit.jsonl"], new(200));

    private string Seen => File.Exists(folder["record.txt"]) ? File.ReadAllText(folder["record.txt"]) : "";

    public async ValueTask InitializeAsync()
    {
        audit = await AuditLog.OpenAsync(FileAuditStore.Open(folder["audit.jsonl"], TimeProvider.System), AuditSigningKey.LoadOrCreate(folder["audit.key"]), new("test", 1, "0"), AuditLogOptions.Default, TimeProvider.System, Ct);
        var services = new GatewayServices(audit, TimeProvider.System, NullLoggerFactory.Instance, "0.0.0", UpstreamLimits.Default);
        project = new(new(Guid.Empty, Guid.Empty, "local", null), GatewayHost.Load(GatewayHost.AllowAll), [GatewayHost.RecordingServer(folder)], services);
        front = new(new(new Principal { Agent = "local" }, project, "stdio", null), output.Writer.AsStream(), NullLoggerFactory.Instance);
        running = front.RunAsync(input.Reader.AsStream(), Ct);
        lines = new(output.Reader.AsStream());
    }

    public async ValueTask DisposeAsync()
    {
        await input.Writer.CompleteAsync();
        await running!;
        front!.Dispose();
        await project!.DisposeAsync();
        await audit!.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("this is no JSON", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rec__echo"}}]""", -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"tools/list"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"tools/list"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","Method":"x","params":{"name":"rec__echo"}}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rec__echo","arguments":{"a":1,"a":2}}}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/list"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2031-01-01"}}}""", -32022)]
    public async Task What_is_not_acceptable_is_refused_on_record_and_the_next_line_works(string line, int code)
    {
        await SendAsync(line);
        var refused = await ReceiveAsync();
        await SendAsync(Initialize);
        var opened = await ReceiveAsync();

        Assert.Equal(code, (int)refused["error"]!["code"]!);
        Assert.Equal("2025-06-18", (string?)opened["result"]!["protocolVersion"]);
        Assert.Equal(("deny", "invalid_request"), (Audits[0].Decision, Audits[0].Reason));
        Assert.DoesNotContain("tools/call", Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused_once_and_the_next_one_works()
    {
        await SendAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":"{{{new string('x', 3 * 1024 * 1024)}}}"}}""");
        var refused = await ReceiveAsync();
        await SendAsync(Initialize);
        var opened = await ReceiveAsync();

        Assert.Equal(-32600, (int)refused["error"]!["code"]!);
        Assert.Equal("i", (string?)opened["id"]);
    }

    [Fact]
    public async Task Both_eras_may_be_spoken_on_one_stream_and_answers_carry_their_requests_id()
    {
        await SendAsync(GatewayHost.ModernBody("server/discover"));
        Assert.Equal("complete", (string?)(await ReceiveAsync())["result"]!["resultType"]);
        await SendAsync(Initialize);
        await ReceiveAsync();
        await SendAsync("""{"jsonrpc":"2.0","id":"abc","method":"tools/call","params":{"name":"rec__echo","arguments":{"x":1}}}""");

        var answer = await ReceiveAsync();

        Assert.Equal("abc", (string?)answer["id"]);
        Assert.Null(answer["result"]!["resultType"]);
    }

    [Fact]
    public async Task What_a_server_asks_stands_on_the_agents_stream_and_its_answer_goes_back()
    {
        project!.UsePolicy(GatewayHost.Load("version: 1\nserver_requests: {roots: allow}\nrules:\n  - {id: all, tool: \"rec.*\", decision: allow}\n"));
        await SendAsync(Initialize.Replace("\"capabilities\":{}", "\"capabilities\":{\"roots\":{}}", StringComparison.Ordinal));
        await ReceiveAsync();
        await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rec__ask","arguments":{"method":"roots/list","params":{}}}}""");

        var question = await ReceiveAsync();
        await SendAsync("""{"jsonrpc":"2.0","result":{"roots":[{"uri":"file:///work"}]},"id":""" + question["id"]!.ToJsonString() + "}");
        var answer = await ReceiveAsync();

        Assert.Equal("roots/list", (string?)question["method"]);
        Assert.Contains("file:///work", (string?)answer["result"]!["content"]![0]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_call_does_not_hold_up_the_others_and_can_be_cancelled()
    {
        await SendAsync(Initialize);
        await ReceiveAsync();
        await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rec__slow"}}""");
        await Eventually.IsTrueAsync(() => Seen.Contains("\"slow\"", StringComparison.Ordinal), Ct);
        await SendAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"rec__echo"}}""");
        Assert.Equal(2, (int)(await ReceiveAsync())["id"]!);

        await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""");
        Assert.Contains("still running", (string?)(await ReceiveAsync())["error"]!["message"], StringComparison.Ordinal);
        await SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""");

        await Eventually.IsTrueAsync(() => Seen.Contains("notifications/cancelled", StringComparison.Ordinal), Ct);
        await SendAsync("""{"jsonrpc":"2.0","id":3,"method":"ping"}""");
        Assert.Equal(3, (int)(await ReceiveAsync())["id"]!); // and the cancelled call was not answered
    }

    [Fact]
    public async Task The_stream_is_told_that_the_tools_changed_in_the_form_of_its_era()
    {
        await SendAsync(Initialize);
        await ReceiveAsync();
        await SendAsync(GatewayHost.ModernBody("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"));
        Assert.Equal("notifications/subscriptions/acknowledged", (string?)(await ReceiveAsync())["method"]);

        project!.UsePolicy(GatewayHost.Load(GatewayHost.AllowAll));

        var told = new[] { await ReceiveAsync(), await ReceiveAsync() };
        Assert.All(told, static one => Assert.Equal("notifications/tools/list_changed", (string?)one["method"]));
        Assert.Single(told, static one => one["params"] is not null);
    }

    private async Task SendAsync(string line) => await input.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), Ct);

    private async Task<JsonNode> ReceiveAsync() => JsonNode.Parse((await lines!.ReadLineAsync(Ct))!)!;
}
