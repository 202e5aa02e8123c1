using McpShield.Gateway.Asking;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>Makes upstreams from what a host declares.</summary>
internal sealed class UpstreamFactory(GatewayServices services, Func<ServerQuestion, CancellationToken, Task<RpcReply>> ask) : IDisposable
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
        StdioServerSpec stdio => Server(stdio, "stdio", onMessage => StdioTransport.Start(stdio, services.Limits, onMessage, services.Loggers.CreateLogger<StdioTransport>())),
        HttpServerSpec server => Server(server, "http", onMessage => new HttpTransport(server, services.Limits, http, onMessage)),
        SqliteConnectionSpec sqlite => new SqliteUpstream(sqlite, services.Limits, services.Clock),
        _ => throw new ArgumentException($"no upstream of kind {spec.GetType().Name}", nameof(spec)),
    };

    public void Dispose() => http.Dispose();

    private McpServerUpstream Server(UpstreamSpec spec, string transport, Func<Action<JsonTree>, IUpstreamTransport> connect) =>
        new(new(spec.Name, transport, connect, ask, services, services.Loggers.CreateLogger<McpServerUpstream>()));
}
