namespace McpShield.Data.Ephemeral;

/// <summary>A person's session in the control plane: from a sign-in to its end.</summary>
public sealed record UserSession
{
    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last refresh.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>When it ends unless it is refreshed before.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public string? Ip { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>The person asked to be remembered.</summary>
    public bool IsRemembered { get; init; }

    /// <summary>How long a session lives after its last refresh.</summary>
    public static TimeSpan Lifetime(bool isRemembered, EphemeralLimits? limits = null) => isRemembered ? (limits ?? EphemeralLimits.Default).RememberedLifetime : TimeSpan.FromHours(24);

    /// <summary>A session that begins now.</summary>
    public static UserSession Begin(Guid userId, bool isRemembered, string? ip, string? userAgent, DateTimeOffset now, EphemeralLimits? limits = null) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        CreatedAt = now,
        LastUsedAt = now,
        ExpiresAt = now + Lifetime(isRemembered, limits),
        Ip = ip,
        UserAgent = userAgent is { Length: > 256 } ? userAgent[..256] : userAgent,
        IsRemembered = isRemembered,
    };
}

/// <summary>What presenting a refresh token came to.</summary>
public enum RotationKind
{
    /// <summary>No session has this token.</summary>
    Unknown,

    /// <summary>It was a token of the session once. Two hold its family, so the session was ended.</summary>
    Reused,

    /// <summary>It was replaced just now by a racing copy of the same request, which gets the same successor.</summary>
    Repeated,

    /// <summary>The successor is in force.</summary>
    Rotated,
}

/// <summary>The answer to a refresh.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Session">The session; after <see cref="RotationKind.Reused"/> the one that was ended; <c>null</c> for an unknown token.</param>
/// <param name="Token">The token in force after <see cref="RotationKind.Rotated"/> and <see cref="RotationKind.Repeated"/>.</param>
public sealed record Rotation(RotationKind Kind, UserSession? Session, RefreshToken? Token)
{
    internal static Rotation Unknown { get; } = new(RotationKind.Unknown, null, null);
}

/// <summary>The sessions of people.</summary>
public interface ISessionStore
{
    /// <summary>How long a replaced token gets its successor again.</summary>
    static readonly TimeSpan RepeatWindow = TimeSpan.FromSeconds(10);

    /// <summary>Adds a session with its first refresh token.</summary>
    Task CreateAsync(UserSession session, RefreshToken token, CancellationToken ct);

    /// <summary>A session that is live.</summary>
    Task<UserSession?> FindAsync(Guid id, CancellationToken ct);

    /// <summary>The live sessions of a user, newest first.</summary>
    Task<IReadOnlyList<UserSession>> ListAsync(Guid userId, CancellationToken ct);

    /// <summary>Ends a session of this user; <c>false</c> when the user has no such session.</summary>
    Task<bool> RevokeAsync(Guid userId, Guid id, CancellationToken ct);

    /// <summary>Ends every session of a user but the one that is named. How many it ended.</summary>
    Task<int> RevokeAllAsync(Guid userId, Guid? except, CancellationToken ct);

    /// <summary>Puts <paramref name="next"/>, made by <see cref="RefreshToken.Next"/>, in the place of <paramref name="presented"/> and extends the session.</summary>
    Task<Rotation> RotateAsync(RefreshToken presented, RefreshToken next, CancellationToken ct);
}
