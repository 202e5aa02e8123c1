using System.Security.Cryptography;

namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Codes in a table.</summary>
internal sealed class MemoryCodeStore(TimeProvider clock, EphemeralLimits limits) : ICodeStore
{
    private readonly ExpiringTable<(byte[] Digest, int Tries)> rows = new(clock);
    private readonly Lock gate = new();

    public Task PutAsync(string purpose, string email, ReadOnlyMemory<byte> digest, TimeSpan lifetime, CancellationToken ct)
    {
        lock (gate) rows.Set(Key(purpose, email), (digest.ToArray(), 0), clock.GetUtcNow() + lifetime);
        return Task.CompletedTask;
    }

    public Task<CodeUse> TryUseAsync(string purpose, string email, ReadOnlyMemory<byte> digest, CancellationToken ct)
    {
        lock (gate) return Task.FromResult(TryUse_NeedsLock(Key(purpose, email), digest.Span));
    }

    private CodeUse TryUse_NeedsLock(string key, ReadOnlySpan<byte> digest)
    {
        if (!rows.TryGet(key, out var code)) return CodeUse.Void;
        var isRight = CryptographicOperations.FixedTimeEquals(code.Digest, digest);
        if (isRight || code.Tries + 1 >= limits.CodeTries) rows.Remove(key);
        else rows.Replace(key, code with { Tries = code.Tries + 1 });
        return isRight ? CodeUse.Right : CodeUse.Wrong;
    }

    private static string Key(string purpose, string email) => EphemeralKey.Of("code", purpose, email);
}
