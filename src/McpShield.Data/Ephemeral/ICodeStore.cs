namespace McpShield.Data.Ephemeral;

/// <summary>What presenting a code came to.</summary>
public enum CodeUse
{
    /// <summary>There is no code, or not any more: it expired, was used, was replaced, or too many wrong ones were tried.</summary>
    Void,

    /// <summary>It is another one; the try is counted.</summary>
    Wrong,

    /// <summary>It was right, and is used up.</summary>
    Right,
}

/// <summary>One-time codes that are sent by e-mail, one for each purpose and address. Kept are digests, keyed by the caller: a short code could be guessed from a plain one.</summary>
public interface ICodeStore
{
    /// <summary>Tries before a code is void, unless the operator chooses another number.</summary>
    const int MaxTries = 5;

    /// <summary>Puts a code in the place of the one before.</summary>
    Task PutAsync(string purpose, string email, ReadOnlyMemory<byte> digest, TimeSpan lifetime, CancellationToken ct);

    /// <summary>Tries a code. Of right ones that come at once, one is <see cref="CodeUse.Right"/>.</summary>
    Task<CodeUse> TryUseAsync(string purpose, string email, ReadOnlyMemory<byte> digest, CancellationToken ct);
}
