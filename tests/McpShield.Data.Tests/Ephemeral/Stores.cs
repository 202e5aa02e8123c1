using McpShield.Data.Ephemeral;
using McpShield.Testing;
using Microsoft.Extensions.Time.Testing;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>The stores of one test, in memory or in Redis, and the clock they go by. Two copies share what is in Redis.</summary>
internal sealed class Stores : IAsyncDisposable
{
    private readonly List<EphemeralStores> copies;

    private Stores(FakeTimeProvider clock, List<EphemeralStores> copies) => (Clock, this.copies) = (clock, copies);

    public static TheoryData<string> Kinds => ["memory", "redis"];

    public FakeTimeProvider Clock { get; }

    public EphemeralStores One => copies[0];

    /// <summary>Another copy of the program; in memory there is only one.</summary>
    public EphemeralStores Other => copies[^1];

    /// <summary>A name that no other test uses.</summary>
    public string Name { get; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N");

    public static async Task<Stores> OpenAsync(string kind)
    {
        var clock = new FakeTimeProvider(new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        if (kind == "memory") return new(clock, [EphemeralStores.InMemory(clock)]);
        return new(clock, [await RedisAsync(clock), await RedisAsync(clock)]);
    }

    /// <summary>Does the same so often at once, by turns over both copies.</summary>
    public Task<T[]> AtOnceAsync<T>(int times, Func<EphemeralStores, Task<T>> act) => Task.WhenAll(Enumerable.Range(0, times).Select(number => Task.Run(() => act(number % 2 == 0 ? One : Other))));

    public async ValueTask DisposeAsync()
    {
        foreach (var copy in copies) await copy.DisposeAsync();
    }

    private static async Task<EphemeralStores> RedisAsync(FakeTimeProvider clock) =>
        await EphemeralStores.RedisAsync(new() { Host = RedisServer.Host, Port = (await RedisServer.SharedAsync()).Port }, clock, TestContext.Current.CancellationToken);
}
