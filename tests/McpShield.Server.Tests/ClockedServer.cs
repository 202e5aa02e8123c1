using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Server.Tests;

/// <summary>A server whose time the tests of one class turn.</summary>
public sealed class ClockedServer : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private ShieldHost? host;

    public ShiftedClock Clock { get; } = new();

    public Uri Url => host!.Url;

    public IServiceProvider Services => host!.Services;

    public async ValueTask InitializeAsync() => host = await ShieldServer.StartAsync(await ShieldServer.VariablesAsync(), folder.Path, NullLoggerFactory.Instance, TestContext.Current.CancellationToken, Clock);

    public async ValueTask DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        folder.Dispose();
    }
}
