namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Tickets in a table.</summary>
internal sealed class MemoryTicketStore(TimeProvider clock) : ITicketStore
{
    private readonly ExpiringTable<(byte[] Payload, string Owner)> rows = new(clock);
    private readonly ExpiringTable<(HashSet<string> Tickets, DateTimeOffset ExpiresAt)> owners = new(clock);
    private readonly Lock gate = new();

    public async Task<string> IssueAsync(string purpose, string owner, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken ct)
    {
        var token = Tokens.Create();
        await TryAddAsync(purpose, owner, token, payload, lifetime, ct);
        return token;
    }

    public Task<bool> TryAddAsync(string purpose, string owner, string token, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken ct)
    {
        var (key, ownerKey, now) = (Key(purpose, token), OwnerKey(purpose, owner), clock.GetUtcNow());
        lock (gate)
        {
            if (rows.TryGet(key, out _)) return Task.FromResult(false);
            rows.Set(key, (payload.ToArray(), ownerKey), now + lifetime);
            if (!owners.TryGet(ownerKey, out var own)) own = ([], now);
            own.Tickets.RemoveWhere(one => !rows.TryGet(one, out _));
            own.Tickets.Add(key);
            own.ExpiresAt = own.ExpiresAt > now + lifetime ? own.ExpiresAt : now + lifetime;
            owners.Set(ownerKey, own, own.ExpiresAt);
            return Task.FromResult(true);
        }
    }

    public Task<byte[]?> TakeAsync(string purpose, string token, CancellationToken ct)
    {
        lock (gate)
        {
            var payload = Peek_NeedsLock(Key(purpose, token));
            Remove_NeedsLock(Key(purpose, token));
            return Task.FromResult(payload);
        }
    }

    public Task<byte[]?> PeekAsync(string purpose, string token, CancellationToken ct)
    {
        lock (gate) return Task.FromResult(Peek_NeedsLock(Key(purpose, token)));
    }

    public Task<bool> TryReplaceAsync(string purpose, string token, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var key = Key(purpose, token);
        lock (gate)
        {
            if (!rows.TryGet(key, out var row) || !row.Payload.AsSpan().SequenceEqual(expected.Span)) return Task.FromResult(false);
            rows.Replace(key, row with { Payload = payload.ToArray() });
            return Task.FromResult(true);
        }
    }

    public Task RevokeAllAsync(string purpose, string owner, CancellationToken ct)
    {
        var ownerKey = OwnerKey(purpose, owner);
        lock (gate)
        {
            if (!owners.TryGet(ownerKey, out var own)) return Task.CompletedTask;
            foreach (var key in own.Tickets) rows.Remove(key);
            owners.Remove(ownerKey);
        }

        return Task.CompletedTask;
    }

    private byte[]? Peek_NeedsLock(string key) => rows.TryGet(key, out var row) ? row.Payload : null;

    private void Remove_NeedsLock(string key)
    {
        if (!rows.TryGet(key, out var row)) return;
        rows.Remove(key);
        if (!owners.TryGet(row.Owner, out var own)) return;
        own.Tickets.Remove(key);
        if (own.Tickets.Count == 0) owners.Remove(row.Owner);
    }

    private static string Key(string purpose, string token) => EphemeralKey.Of("ticket", purpose, token);

    private static string OwnerKey(string purpose, string owner) => EphemeralKey.Of("tickets-of", purpose, owner);
}
