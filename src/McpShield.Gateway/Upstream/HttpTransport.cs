using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using McpShield.Audit;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>Streamable HTTP to one MCP server: a POST a message, answered by one JSON document or by a stream of events.</summary>
internal sealed class HttpTransport(HttpServerSpec spec, UpstreamLimits limits, HttpMessageInvoker http, Action<JsonTree> onMessage) : IUpstreamTransport
{
    private string? session;
    private string? revision;
    private volatile bool lost;

    public bool IsAlive => !lost;

    public void Agreed(string protocolVersion) => revision = protocolVersion;

    public async Task<JsonTree> RequestAsync(long id, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        using var response = await PostAsync(message, ct);
        session ??= response.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.First() : null;

        // THREAT: an answer under another label would slip past whoever filters by label. Two labels exist, compared parsed.
        var body = await response.Content.ReadAsStreamAsync(ct);
        return response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() switch
        {
            "application/json" => Answer(await ReadAllAsync(body, ct), id) ?? throw Refused("the answer belongs to another request"),
            "text/event-stream" => await ReadEventsAsync(body, id, ct),
            var other => throw Refused($"the answer's media type is {(other is null ? "missing" : "neither JSON nor an event stream")}"),
        };
    }

    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        using var response = await PostAsync(message, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (session is null || lost) return;
        lost = true;
        using var request = Request(HttpMethod.Delete);
        using var patience = new CancellationTokenSource(limits.StopTimeout);
        try
        {
            using var response = await http.SendAsync(request, patience.Token);
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException)
        {
            // A courtesy: the server ends an idle session by itself.
        }
    }

    private async Task<HttpResponseMessage> PostAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Post);
        request.Content = new ReadOnlyMemoryContent(message);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, ct);
        }
        catch (HttpRequestException failure)
        {
            throw new UpstreamException(CallStatus.Unreachable, $"server `{spec.Name}` cannot be reached: {failure.HttpRequestError}", failure);
        }

        if (response.IsSuccessStatusCode) return response;

        // SPEC: 2025-11-25 transports, "Session Management": 404 means that the session is over and a new one must be opened.
        lost = response.StatusCode is HttpStatusCode.NotFound && session is not null;
        var status = (int)response.StatusCode;
        response.Dispose();
        throw new UpstreamException(CallStatus.Unreachable, $"server `{spec.Name}` answered with HTTP status {status}");
    }

    private HttpRequestMessage Request(HttpMethod method)
    {
        var request = new HttpRequestMessage(method, spec.Url);
        foreach (var (name, value) in spec.Headers) request.Headers.TryAddWithoutValidation(name, value);
        if (session is not null) request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        if (revision is not null) request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", revision);
        return request;
    }

    private async Task<byte[]> ReadAllAsync(Stream body, CancellationToken ct)
    {
        using var whole = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(chunk, ct)) > 0)
        {
            whole.Write(chunk, 0, read);
            if (whole.Length > limits.Message.MaxBytes) throw Refused($"the answer is larger than {limits.Message.MaxBytes} bytes");
        }

        return whole.ToArray();
    }

    private async Task<JsonTree> ReadEventsAsync(Stream body, long id, CancellationToken ct)
    {
        using var bounded = new BoundedStream(body, limits.Message.MaxBytes, () => Refused($"the answer is larger than {limits.Message.MaxBytes} bytes"));
        await foreach (var item in SseParser.Create(bounded, static (_, data) => data.ToArray()).EnumerateAsync(ct))
        {
            if (item.Data.Length > 0 && Answer(item.Data, id) is { } answer) return answer;
        }

        throw new UpstreamException(CallStatus.Unreachable, $"server `{spec.Name}` ended its stream without an answer");
    }

    /// <summary>The tree when the message answers request <paramref name="id"/>; anything else is handed on.</summary>
    private JsonTree? Answer(byte[] text, long id)
    {
        if (!JsonTree.TryRead(text, limits.Message, out var tree, out var fault)) throw Refused(fault.Message);
        if (!tree!.Root["method"u8].Exists && RpcIds.TryRead(tree.Root["id"u8], out var answered) && answered == id) return tree;
        using (tree)
        {
            if (tree.Root["method"u8].Exists) onMessage(tree);
        }

        return null;
    }

    private UpstreamException Refused(string why) => new(CallStatus.Refused, $"server `{spec.Name}` sent an answer that is refused: {why}");
}
