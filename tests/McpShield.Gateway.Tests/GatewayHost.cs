using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Audit;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Gateway.Tests;

/// <summary>A gateway on a real port, in front of the recording server: keys <c>key-a</c> and <c>key-b</c>, one project.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public const string AllowAll = "version: 1\ndefault: deny\nrules:\n  - {id: all, tool: \"rec.*\", decision: allow}\n";

    private readonly TemporaryFolder folder;
    private readonly WebApplication app;
    private readonly HttpFront front;
    private readonly AuditLog audit;
    private readonly HttpClient http = new(new SocketsHttpHandler());

    private GatewayHost(WebApplication app, HttpFront front, AuditLog audit, GatewayProject project, TemporaryFolder folder) =>
        (this.app, this.front, this.audit, Project, this.folder) = (app, front, audit, project, folder);

    public GatewayProject Project { get; }

    public Uri Url => new(new Uri(app.Urls.First()), "/mcp");

    /// <summary>Everything the server behind the gateway was sent, as it was sent.</summary>
    public string Seen => File.Exists(folder["record.txt"]) ? File.ReadAllText(folder["record.txt"]) : "";

    /// <summary>Everything that is on record, payloads in plain text.</summary>
    public string AuditText => string.Concat(AuditFileReader.Read(folder["audit.jsonl"]).Select(static one => Encoding.UTF8.GetString(one.Envelope) + Encoding.UTF8.GetString(one.Payload ?? [])));

    public IReadOnlyList<AuditEntry> Audits => AuditFileReader.List(folder["audit.jsonl"], new(200));

    /// <summary>The entries once every call that was let through has its end on record, which an answer does not wait for.</summary>
    public async Task<IReadOnlyList<AuditEntry>> EndedAuditsAsync()
    {
        await Eventually.IsTrueAsync(() => Audits.All(static one => one.Decision != "allow" || one.Status is not null), TestContext.Current.CancellationToken);
        return Audits;
    }

    public static async Task<GatewayHost> StartAsync(string policy = AllowAll, Func<IAuditStore, IAuditStore>? store = null, Func<TemporaryFolder, UpstreamSpec>? upstream = null, UpstreamLimits? limits = null, TimeProvider? clock = null, SharedState? shared = null)
    {
        var ct = TestContext.Current.CancellationToken;
        var folder = new TemporaryFolder();
        clock ??= TimeProvider.System;
        IAuditStore file = FileAuditStore.Open(folder["audit.jsonl"], clock);
        var audit = await AuditLog.OpenAsync(store?.Invoke(file) ?? file, AuditSigningKey.LoadOrCreate(folder["audit.key"]), new("test", 1, "0"), AuditLogOptions.Default, clock, ct);
        var services = new GatewayServices(audit, clock, NullLoggerFactory.Instance, "0.0.0", limits ?? UpstreamLimits.Default) { Shared = shared };
        var project = new GatewayProject(new(Guid.Empty, Guid.Empty, "test", null), Load(policy), [upstream?.Invoke(folder) ?? RecordingServer(folder)], services);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddRoutingCore();
        var app = builder.Build();
        var front = new HttpFront(
            new()
            {
                Authenticate = context => (string?)context.Request.Headers["X-API-Key"] is "key-a" or "key-b"
                    ? new Agent(new Principal { Agent = "tester", Key = context.Request.Headers["X-API-Key"]! }, project, "http", null)
                    : null,
                AllowedOrigins = new HashSet<string>(["http://localhost:3000"]),
                Stopping = app.Lifetime.ApplicationStopping,
            },
            clock,
            NullLoggerFactory.Instance);
        app.UseRouting();
        app.Map("/mcp", front.HandleAsync);
        await app.StartAsync(ct);
        return new(app, front, audit, project, folder);
    }

    public static CompiledPolicy Load(string policy)
    {
        var loaded = PolicyLoader.Load(policy);
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }

    public static StdioServerSpec RecordingServer(TemporaryFolder folder) =>
        new("rec", Checkout.Node, [Checkout.Peer("recording-server.mjs"), folder["record.txt"]], new Dictionary<string, string>(), null);

    /// <summary>Sends a request exactly as given.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string? body, string? contentType = "application/json", string key = "key-a", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A stream that stays open; the caller reads it line by line.</summary>
    public Task<(HttpResponseMessage Response, StreamReader Lines)> OpenAsync(HttpMethod method, string? body, params (string Name, string Value)[] headers) => OpenAsAsync("key-a", method, body, headers);

    public async Task<(HttpResponseMessage Response, StreamReader Lines)> OpenAsAsync(string key, HttpMethod method, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Url);
        if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return (response, new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>A request of the stateless era with everything that belongs to it.</summary>
    public Task<Answer> ModernAsync(string method, string? parameters = null, string? name = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, ModernBody(method, parameters), headers: [.. ModernHeaders(method, name), .. headers]);

    /// <summary>A call of the stateless era.</summary>
    public Task<Answer> CallAsync(string tool, string arguments = "{}") => ModernAsync("tools/call", $"\"name\":\"{tool}\",\"arguments\":{arguments}", tool);

    public static string ModernBody(string method, string? parameters = null) =>
        $$$$$"""{"jsonrpc":"2.0","id":7,"method":"{{{{{method}}}}}","params":{{{{{{(parameters is null ? "" : parameters + ",")}}}}}"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"tests","version":"1"}}}}""";

    public static (string, string)[] ModernHeaders(string method, string? name = null) =>
        name is null ? [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)] : [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method), ("Mcp-Name", name)];

    /// <summary>Opens a session of the <c>initialize</c> era and returns its id.</summary>
    public async Task<string> InitializeAsync(string revision = "2025-11-25", string key = "key-a", string capabilities = "{}")
    {
        var answer = await SendAsync(HttpMethod.Post, $$$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{{{revision}}}}","capabilities":{{{{capabilities}}}},"clientInfo":{"name":"tests","version":"1"}}}""", key: key);
        Assert.Equal(200, answer.Status);
        return answer.Headers.GetValues("Mcp-Session-Id").Single();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        front.Dispose();
        await Project.DisposeAsync();
        await audit.DisposeAsync();
        http.Dispose();
        folder.Dispose();
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, HttpResponseHeaders Headers, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public int? ErrorCode => (int?)Json["error"]?["code"];

    public string? Text => (string?)Json["result"]?["content"]?[0]?["text"];

    public bool IsToolError => (bool?)Json["result"]?["isError"] ?? false;
}
