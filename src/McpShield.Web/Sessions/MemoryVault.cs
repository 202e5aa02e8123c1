using System.Collections.Concurrent;

namespace McpShield.Web.Sessions;

internal sealed class MemoryVault(TimeProvider clock) : ISessionVault
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private long sweptAt;

    public Task<WebSession?> FindAsync(string key, CancellationToken ct) =>
        Task.FromResult(entries.TryGetValue(key, out var entry) && entry.ExpiresAt > clock.GetUtcNow() ? entry.Session : null);

    public Task AddAsync(string key, WebSession session, TimeSpan lifetime, CancellationToken ct)
    {
        Sweep();
        entries[key] = new(session, clock.GetUtcNow() + lifetime);
        return Task.CompletedTask;
    }

    public Task ReplaceAsync(string key, WebSession session, TimeSpan lifetime, CancellationToken ct)
    {
        if (entries.TryGetValue(key, out var entry)) entries.TryUpdate(key, new(session, clock.GetUtcNow() + lifetime), entry);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string key, CancellationToken ct)
    {
        entries.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    private void Sweep()
    {
        var now = clock.GetUtcNow();
        var last = Interlocked.Read(ref sweptAt);
        if (now.UtcTicks - last < SweepEvery.Ticks || Interlocked.CompareExchange(ref sweptAt, now.UtcTicks, last) != last) return;
        foreach (var (key, entry) in entries)
        {
            if (entry.ExpiresAt <= now) entries.TryRemove(new(key, entry));
        }
    }

    private sealed record Entry(WebSession Session, DateTimeOffset ExpiresAt);
}
