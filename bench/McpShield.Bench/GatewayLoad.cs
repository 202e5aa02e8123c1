using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using McpShield.Audit;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Gateway;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;

namespace McpShield.Bench;

/// <summary>
/// <c>tools/call</c> through the whole gateway, beside a plain reverse proxy that has no duty at all, in one run: rounds of all targets one
/// after the other, the ratio taken round by round, the median told.
/// </summary>
internal static class GatewayLoad
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1.5);

    private static readonly byte[] Call = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rec__echo","arguments":{"text":"hello"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""");

    public static async Task RunAsync(int rounds)
    {
        var directory = Directory.CreateTempSubdirectory("mcpshield-bench-").FullName;
        await using var upstream = await ServeAsync(static app => app.Map("/mcp", EchoAsync));
        var server = new Uri(new Uri(upstream.Urls.First()), "/mcp");
        await using var proxy = await ProxyAsync(server);
        await SqliteFiles.MigrateAuditAsync(directory, CancellationToken.None);
        await using var strict = await ShieldAsync(server, SqliteAuditStore.Open(directory), directory);
        await using var unrecorded = await ShieldAsync(server, new NoStore(), directory);

        (string Name, Uri Url)[] targets =
        [
            ("direct", server), ("plain YARP hop", Mcp(proxy)), ("MCPShield, strict audit on SQLite", Mcp(strict.App)), ("MCPShield, audit into nothing", Mcp(unrecorded.App)),
        ];
        Console.WriteLine("| agents | target | calls/s (median) | ÷ plain YARP hop | p50 ms | p99 ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var agents in (int[])[1, 8, 32])
        {
            var results = targets.Select(static _ => new List<(double Rate, double P50, double P99)>()).ToArray();
            foreach (var target in targets) await LoadAsync(target.Url, agents); // warm
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < targets.Length; i++) results[i].Add(await LoadAsync(targets[i].Url, agents));
            }

            for (var i = 0; i < targets.Length; i++)
            {
                var ratio = Median(results[i].Zip(results[1], static (mine, yarp) => mine.Rate / yarp.Rate));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {agents} | {targets[i].Name} | {Median(results[i].Select(static one => one.Rate)):0} | {ratio:0.00} | {Median(results[i].Select(static one => one.P50)):0.00} | {Median(results[i].Select(static one => one.P99)):0.00} |"));
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    private static async Task<(double Rate, double P50, double P99)> LoadAsync(Uri url, int agents)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpClient(handler);
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, agents).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (clock.Elapsed < Slice)
            {
                var began = clock.Elapsed;
                using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Call) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
                request.Headers.TryAddWithoutValidation("X-API-Key", "key");
                request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", "2026-07-28");
                request.Headers.TryAddWithoutValidation("Mcp-Method", "tools/call");
                request.Headers.TryAddWithoutValidation("Mcp-Name", "rec__echo");
                using var response = await http.SendAsync(request);
                var body = await response.Content.ReadAsByteArrayAsync();
                if (!response.IsSuccessStatusCode || body.AsSpan().IndexOf("isError"u8) >= 0) throw new InvalidOperationException(Encoding.UTF8.GetString(body));
                mine.Add((clock.Elapsed - began).TotalMilliseconds);
            }

            return mine;
        })));
        var all = times.SelectMany(static one => one).Order().ToList();
        return (all.Count / clock.Elapsed.TotalSeconds, all[all.Count / 2], all[(int)(all.Count * 0.99)]);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static Uri Mcp(WebApplication app) => new(new Uri(app.Urls.First()), "/mcp");

    private static async Task<WebApplication> ServeAsync(Action<WebApplication> map, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddLogging().AddRouting();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        map(app);
        await app.StartAsync();
        return app;
    }

    private static Task<WebApplication> ProxyAsync(Uri server) => ServeAsync(
        static app => app.MapReverseProxy(),
        services => services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "all", Match = new() { Path = "{**rest}" } }],
            [new ClusterConfig { ClusterId = "all", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = server.GetLeftPart(UriPartial.Authority) } } }]));

    private static async Task<Shield> ShieldAsync(Uri server, IAuditStore store, string directory)
    {
        var audit = await AuditLog.OpenAsync(store, AuditSigningKey.LoadOrCreate(Path.Combine(directory, "audit.key")), new("bench", 1, "0"), AuditLogOptions.Default, TimeProvider.System, CancellationToken.None);
        var services = new GatewayServices(audit, TimeProvider.System, NullLoggerFactory.Instance, "0", UpstreamLimits.Default);
        var project = new GatewayProject(new(Guid.Empty, Guid.Empty, "bench", null), DecisionBenchmarks.Policy(100), [new HttpServerSpec("rec", server, new Dictionary<string, string>())], services);
        var agent = new Agent(new Principal { Agent = "bench", Key = "bench" }, project, "http", null);
        var front = new HttpFront(new() { Authenticate = context => context.Request.Headers["X-API-Key"] == "key" ? agent : null }, TimeProvider.System, NullLoggerFactory.Instance);
        return new(await ServeAsync(app => app.Map("/mcp", front.HandleAsync)), front, project, audit);
    }

    /// <summary>An MCP server that does as little as one can.</summary>
    private static async Task EchoAsync(HttpContext context)
    {
        using var message = await JsonDocument.ParseAsync(context.Request.Body);
        if (!message.RootElement.TryGetProperty("id", out var id))
        {
            context.Response.StatusCode = 202;
            return;
        }

        var result = message.RootElement.GetProperty("method").GetString() switch
        {
            "initialize" => """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}""",
            "tools/list" => """{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}""",
            _ => """{"content":[{"type":"text","text":"hello"}]}""",
        };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},"result":{{result}}}""");
    }

    private sealed record Shield(WebApplication App, HttpFront Front, GatewayProject Project, AuditLog Audit) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await App.DisposeAsync();
            Front.Dispose();
            await Project.DisposeAsync();
            await Audit.DisposeAsync();
        }
    }

    /// <summary>Keeps nothing: shows what the disk costs, and is good for nothing else.</summary>
    private sealed class NoStore : IAuditStore
    {
        public ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct) => ValueTask.CompletedTask;

        public ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct) => new((StreamHead?)null);

        public ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct) => new(new HashSet<RecordIdentity>());

        public ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct) => new((StreamHead?)null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
