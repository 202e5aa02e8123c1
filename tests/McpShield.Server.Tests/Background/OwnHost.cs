using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Server.Tests.Background;

/// <summary>Servers of a test's own, one after the other on the same data.</summary>
internal sealed class OwnHost : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> variables;

    private OwnHost(Dictionary<string, string> variables) => this.variables = variables;

    public static async Task<OwnHost> CreateAsync() => new(await ShieldServer.VariablesAsync());

    public Task<ShieldHost> StartAsync(bool isWorker, CancellationToken ct) =>
        ShieldHost.StartAsync(new(folder.Path, new("http://127.0.0.1:0"), "0.0.0-test", TimeProvider.System, ShieldSettings.Read(variables)) { IsWorker = isWorker }, NullLoggerFactory.Instance, ct);

    public void Dispose() => folder.Dispose();
}
