using McpShield.Policy.Evaluation;

namespace McpShield.Policy.Sessions;

/// <summary>What a session had gathered when it was read.</summary>
/// <param name="Handle">What the client should return with its next request; <c>null</c>: nothing.</param>
/// <param name="State">Labels and counts; never changed afterwards.</param>
/// <param name="Version">Changes whenever the session gathers something.</param>
public sealed record SessionReading(string? Handle, SessionState State, long Version);

/// <summary>
/// What conversations have gathered (policy language, section 6): in this process, or in a place that all copies share. A conversation
/// is told by a handle that is minted here and returned by the client; everything that the conversations of a key gather, the key
/// gathers too, until half an hour after its last call.
/// </summary>
/// <remarks>
/// A call reads, is decided, and is counted as long as nothing was gathered in between; else it is decided anew on what is there now.
/// So two calls at once, in one process or in two, never both pass on the same last unit of <c>calls_in_session</c>. An operation throws
/// when the state cannot be reached.
/// </remarks>
public interface ISessionStateStore
{
    /// <summary>Conversations of one key that are told apart; those beyond have what the whole key has.</summary>
    const int MaxPerKey = 256;

    /// <summary>How long after its last call a conversation is kept.</summary>
    static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(30);

    /// <summary>The conversation that a call belongs to. Without a handle, or with one that is unknown or a stranger's, it is a new one.</summary>
    ValueTask<SessionReading> OpenAsync(string key, string? handle, CancellationToken ct);

    /// <summary>Counts a call that was allowed, unless the session has gathered something since <paramref name="version"/> (<c>null</c>: whatever it gathered).</summary>
    /// <returns><c>null</c> when it was counted; else the session as it is now.</returns>
    ValueTask<SessionReading?> TryCountAsync(string key, string? handle, string tool, long? version, CancellationToken ct);

    /// <summary>Adds labels to a conversation and its key. They stay.</summary>
    ValueTask AddLabelsAsync(string key, string? handle, IReadOnlyCollection<string> labels, CancellationToken ct);
}
