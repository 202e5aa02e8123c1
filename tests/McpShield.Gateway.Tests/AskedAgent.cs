using System.Text.Json.Nodes;

namespace McpShield.Gateway.Tests;

/// <summary>An agent of the <c>initialize</c> era over HTTP that can be asked.</summary>
internal sealed class AskedAgent(GatewayHost gateway, string key, string session)
{
    public const string Everything = """{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}}""";

    private (string, string)[] Headers => [("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")];

    public static async Task<AskedAgent> OpenAsync(GatewayHost gateway, string key = "key-a", string capabilities = Everything) =>
        new(gateway, key, await gateway.InitializeAsync(key: key, capabilities: capabilities));

    /// <summary>The parameters of a call that makes the server ask.</summary>
    public static string Ask(string method, string parameters, int times = 1, string tool = "ask") =>
        $$$$"""{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"rec__{{{{tool}}}}","arguments":{"method":"{{{{method}}}}","params":{{{{parameters}}}},"times":{{{{times}}}}}}}""";

    /// <summary>Makes a call that is answered by one document.</summary>
    public Task<Answer> CallAsync(string body) => gateway.SendAsync(HttpMethod.Post, body, key: key, headers: Headers);

    /// <summary>Makes a call that is answered by a stream, because something is asked first.</summary>
    public async Task<OpenCall> StartAsync(string body)
    {
        var (response, lines) = await gateway.OpenAsAsync(key, HttpMethod.Post, body, Headers);
        return new(response, lines);
    }

    /// <summary>Answers what was asked, with a <c>result</c> or an <c>error</c>.</summary>
    public async Task AnswerAsync(JsonNode question, string result) => Assert.Equal(202, (await CallAsync($$"""{"jsonrpc":"2.0","id":{{question["id"]!.ToJsonString()}},{{result}}}""")).Status);

    public Task EndAsync() => gateway.SendAsync(HttpMethod.Delete, null, key: key, headers: Headers);
}

/// <summary>The stream of one call.</summary>
internal sealed record OpenCall(HttpResponseMessage Response, StreamReader Lines) : IDisposable
{
    public async Task<JsonNode> NextAsync()
    {
        while (await Lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return JsonNode.Parse(line[6..])!;
        }

        throw new InvalidOperationException("the stream has ended");
    }

    public void Dispose()
    {
        Lines.Dispose();
        Response.Dispose();
    }
}
