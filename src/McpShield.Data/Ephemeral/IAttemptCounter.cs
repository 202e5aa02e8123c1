namespace McpShield.Data.Ephemeral;

/// <summary>Whether one more attempt may be made.</summary>
/// <param name="IsAllowed">It may, and was counted.</param>
/// <param name="RetryAfter">When a refused attempt could be made; zero for one that may.</param>
public readonly record struct Attempt(bool IsAllowed, TimeSpan RetryAfter);

/// <summary>Counts attempts at things that must not be tried without end: at most so many in any stretch of so long.</summary>
public interface IAttemptCounter
{
    /// <summary>One attempt at <paramref name="name"/>, which says what is tried and by whom. A refused one is not counted.</summary>
    Task<Attempt> TryTakeAsync(string name, int limit, TimeSpan window, CancellationToken ct);

    /// <summary>Forgets the attempts, as after one that succeeded.</summary>
    Task ResetAsync(string name, CancellationToken ct);
}
