using System.Collections.Immutable;

namespace McpShield.Data.Ephemeral;

/// <summary>A response that is given again when its request comes again.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers that belong to it.</param>
/// <param name="Body">The body, byte for byte.</param>
public sealed record StoredResponse(int Status, ImmutableDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What is known of a request that names itself.</summary>
public enum IdempotencyKind
{
    /// <summary>The same name came with another request before.</summary>
    Conflict,

    /// <summary>It is being carried out.</summary>
    InProgress,

    /// <summary>It was carried out; the response is given again.</summary>
    Replay,

    /// <summary>It is new, and the caller's to carry out.</summary>
    Begun,
}

/// <summary>The answer to a request that names itself.</summary>
/// <param name="Kind">What is known.</param>
/// <param name="Run">After <see cref="IdempotencyKind.Begun"/>: what completes or abandons it.</param>
/// <param name="Response">After <see cref="IdempotencyKind.Replay"/>: the response.</param>
public sealed record IdempotencyAnswer(IdempotencyKind Kind, string? Run, StoredResponse? Response);

/// <summary>Requests that carry an idempotency key: the second of the same does nothing and gets the first one's response, for a day.</summary>
public interface IIdempotencyStore
{
    /// <summary>How long a response is given again.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>How long a request that was begun keeps others waiting: what takes longer has died.</summary>
    static readonly TimeSpan RunTime = TimeSpan.FromMinutes(5);

    /// <summary>Begins a request unless it was begun before.</summary>
    /// <param name="caller">Whose key it is; the same key of another caller is another.</param>
    /// <param name="key">What the caller sent.</param>
    /// <param name="requestHash">A digest of everything that makes it this request.</param>
    /// <param name="ct">Cancels.</param>
    Task<IdempotencyAnswer> BeginAsync(string caller, string key, ReadOnlyMemory<byte> requestHash, CancellationToken ct);

    /// <summary>Keeps the response of a request that was carried out.</summary>
    Task CompleteAsync(string caller, string key, string run, StoredResponse response, CancellationToken ct);

    /// <summary>Forgets a request that came to nothing, so that it may be tried again.</summary>
    Task AbandonAsync(string caller, string key, string run, CancellationToken ct);
}
