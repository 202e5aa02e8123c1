using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>Makes upstreams from what a host declares.</summary>
internal sealed class UpstreamFactory(UpstreamLimits limits, string gatewayVersion, TimeProvider clock, ILoggerFactory loggers) : IDisposable
{
    // One handler for all: it pools connections by host. No redirects: a server may not send us, with its credentials, elsewhere.
    // No cookies: they would mix what belongs to different projects.
    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    public IUpstream Create(UpstreamSpec spec) => spec switch
    {
        StdioServerSpec stdio => Server(stdio, onMessage => StdioTransport.Start(stdio, limits, onMessage, loggers.CreateLogger<StdioTransport>())),
        HttpServerSpec server => Server(server, onMessage => new HttpTransport(server, limits, http, onMessage)),
        SqliteConnectionSpec sqlite => new SqliteUpstream(sqlite, limits, clock),
        _ => throw new ArgumentException($"no upstream of kind {spec.GetType().Name}", nameof(spec)),
    };

    public void Dispose() => http.Dispose();

    private McpServerUpstream Server(UpstreamSpec spec, Func<Action<JsonTree>, IUpstreamTransport> connect) =>
        new(spec, connect, limits, gatewayVersion, clock, loggers.CreateLogger<McpServerUpstream>());
}
