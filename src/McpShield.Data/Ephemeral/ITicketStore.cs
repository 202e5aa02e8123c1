namespace McpShield.Data.Ephemeral;

/// <summary>Single-use tokens and what stands behind them. The token itself is nowhere kept; what stands behind it must hold no secret.</summary>
public interface ITicketStore
{
    /// <summary>A new token of 256 random bits.</summary>
    /// <param name="purpose">What it is good for, and nothing else.</param>
    /// <param name="owner">Whom <see cref="RevokeAllAsync"/> takes it from.</param>
    /// <param name="payload">What <see cref="TakeAsync"/> gives back.</param>
    /// <param name="lifetime">How long it is good.</param>
    /// <param name="ct">Cancels.</param>
    Task<string> IssueAsync(string purpose, string owner, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken ct);

    /// <summary>The same for a token that the caller made, short enough for people to type; <c>false</c> when it is taken.</summary>
    Task<bool> TryAddAsync(string purpose, string owner, string token, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken ct);

    /// <summary>What stands behind a token, once; <c>null</c> when there is none, or not any more.</summary>
    Task<byte[]?> TakeAsync(string purpose, string token, CancellationToken ct);

    /// <summary>What stands behind a token, without using it up.</summary>
    Task<byte[]?> PeekAsync(string purpose, string token, CancellationToken ct);

    /// <summary>Puts something else behind a token that is still good, as long as <paramref name="expected"/> stands there.</summary>
    Task<bool> TryReplaceAsync(string purpose, string token, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> payload, CancellationToken ct);

    /// <summary>Makes every token of an owner void.</summary>
    Task RevokeAllAsync(string purpose, string owner, CancellationToken ct);
}
