using System.Diagnostics.CodeAnalysis;

namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Rows that end by themselves. Not safe for concurrent use: whoever holds one locks it.</summary>
internal sealed class ExpiringTable<T>(TimeProvider clock)
{
    // THREAT: whoever sends ever new names would fill the memory. Past this, new rows are refused; those that are there stay good.
    private const int MaxRows = 500_000;
    private const int SweepEvery = 1_000;

    private readonly Dictionary<string, (T Value, DateTimeOffset ExpiresAt)> rows = new(StringComparer.Ordinal);
    private int writes;

    public bool TryGet(string key, [MaybeNullWhen(false)] out T value)
    {
        var isThere = rows.TryGetValue(key, out var row) && row.ExpiresAt > clock.GetUtcNow();
        value = row.Value;
        return isThere;
    }

    public void Set(string key, T value, DateTimeOffset expiresAt)
    {
        if (++writes % SweepEvery == 0 || (rows.Count >= MaxRows && !rows.ContainsKey(key))) Sweep();
        if (rows.Count >= MaxRows && !rows.ContainsKey(key)) throw new EphemeralUnavailableException("too much is being kept in memory; try again later, or configure Redis");
        rows[key] = (value, expiresAt);
    }

    /// <summary>Another value in a row that is there, until the same moment.</summary>
    public void Replace(string key, T value) => rows[key] = (value, rows[key].ExpiresAt);

    public void Remove(string key) => rows.Remove(key);

    private void Sweep()
    {
        var now = clock.GetUtcNow();
        foreach (var (key, row) in rows)
        {
            if (row.ExpiresAt <= now) rows.Remove(key);
        }
    }
}
