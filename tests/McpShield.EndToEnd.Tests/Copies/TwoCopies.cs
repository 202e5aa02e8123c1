namespace McpShield.EndToEnd.Tests.Copies;

/// <summary>Two copies that were started at the same moment on an empty database.</summary>
public sealed class TwoCopies : IAsyncLifetime
{
    internal SharedBackend Backend { get; private set; } = null!;

    internal ShieldCopy A { get; private set; } = null!;

    internal ShieldCopy B { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Backend = await SharedBackend.CreateAsync();
        var copies = await Task.WhenAll(StartAsync(), StartAsync());
        (A, B) = (copies[0], copies[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (A is not null) await A.DisposeAsync();
        if (B is not null) await B.DisposeAsync();
    }

    private Task<ShieldCopy> StartAsync() => ShieldCopy.StartAsync(Backend, "api,worker", TestContext.Current.CancellationToken);
}
