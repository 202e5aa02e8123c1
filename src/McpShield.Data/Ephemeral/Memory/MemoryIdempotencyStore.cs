using System.Security.Cryptography;

namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Requests in a table.</summary>
internal sealed class MemoryIdempotencyStore(TimeProvider clock) : IIdempotencyStore
{
    private readonly ExpiringTable<Row> rows = new(clock);
    private readonly Lock gate = new();

    public Task<IdempotencyAnswer> BeginAsync(string caller, string key, ReadOnlyMemory<byte> requestHash, CancellationToken ct)
    {
        var name = Key(caller, key);
        lock (gate)
        {
            if (rows.TryGet(name, out var known)) return Task.FromResult(Known(known, caller, key, requestHash.Span));
            var run = Tokens.Create();
            rows.Set(name, new(requestHash.ToArray(), run, null), clock.GetUtcNow() + IIdempotencyStore.RunTime);
            return Task.FromResult(new IdempotencyAnswer(IdempotencyKind.Begun, run, null));
        }
    }

    public Task CompleteAsync(string caller, string key, string run, StoredResponse response, CancellationToken ct)
    {
        var (name, box) = (Key(caller, key), SealedResponse.Seal(caller, key, response));
        lock (gate)
        {
            if (rows.TryGet(name, out var known) && known.Run == run) rows.Set(name, known with { Run = null, SealedResponse = box }, clock.GetUtcNow() + IIdempotencyStore.Lifetime);
        }

        return Task.CompletedTask;
    }

    public Task AbandonAsync(string caller, string key, string run, CancellationToken ct)
    {
        lock (gate)
        {
            if (rows.TryGet(Key(caller, key), out var known) && known.Run == run) rows.Remove(Key(caller, key));
        }

        return Task.CompletedTask;
    }

    private static IdempotencyAnswer Known(Row known, string caller, string key, ReadOnlySpan<byte> requestHash)
    {
        if (!CryptographicOperations.FixedTimeEquals(known.RequestHash, requestHash)) return new(IdempotencyKind.Conflict, null, null);
        return known.SealedResponse is { } box ? new(IdempotencyKind.Replay, null, SealedResponse.TryOpen(caller, key, box)) : new(IdempotencyKind.InProgress, null, null);
    }

    private static string Key(string caller, string key) => EphemeralKey.Of("idempotency", caller, key);

    private sealed record Row(byte[] RequestHash, string? Run, byte[]? SealedResponse);
}
