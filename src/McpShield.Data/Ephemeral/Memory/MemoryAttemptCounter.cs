namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Attempts as lists of their moments, oldest first.</summary>
internal sealed class MemoryAttemptCounter(TimeProvider clock) : IAttemptCounter
{
    private readonly ExpiringTable<List<DateTimeOffset>> rows = new(clock);
    private readonly Lock counting = new();

    public Task<Attempt> TryTakeAsync(string name, int limit, TimeSpan window, CancellationToken ct)
    {
        lock (counting) return Task.FromResult(TryTake_NeedsLock(Key(name), limit, window));
    }

    public Task ResetAsync(string name, CancellationToken ct)
    {
        lock (counting) rows.Remove(Key(name));
        return Task.CompletedTask;
    }

    private Attempt TryTake_NeedsLock(string key, int limit, TimeSpan window)
    {
        var now = clock.GetUtcNow();
        if (!rows.TryGet(key, out var taken)) taken = [];
        if (taken.Count > 0 && taken[^1] > now) now = taken[^1]; // a clock that steps back grants nothing
        taken.RemoveAll(moment => moment + window <= now);
        if (taken.Count >= limit) return new(false, taken[^limit] + window - now);
        taken.Add(now);
        rows.Set(key, taken, now + window);
        return new(true, TimeSpan.Zero);
    }

    private static string Key(string name) => EphemeralKey.Of("attempts", name);
}
