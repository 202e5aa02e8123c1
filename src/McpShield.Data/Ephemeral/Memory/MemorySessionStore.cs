using System.Security.Cryptography;

namespace McpShield.Data.Ephemeral.Memory;

/// <summary>Sessions in a table, and for each user their ids.</summary>
internal sealed class MemorySessionStore(TimeProvider clock, EphemeralLimits limits) : ISessionStore
{
    private readonly ExpiringTable<Row> rows = new(clock);
    private readonly Dictionary<Guid, HashSet<Guid>> users = [];
    private readonly Lock gate = new();

    public Task CreateAsync(UserSession session, RefreshToken token, CancellationToken ct)
    {
        lock (gate)
        {
            Set_NeedsLock(new(session, token.FamilyDigest, token.Digest, null, default, null));
            if (!users.TryGetValue(session.UserId, out var own)) users[session.UserId] = own = [];
            own.RemoveWhere(id => !rows.TryGet(Key(id), out _));
            own.Add(session.Id);
        }

        return Task.CompletedTask;
    }

    public Task<UserSession?> FindAsync(Guid id, CancellationToken ct)
    {
        lock (gate) return Task.FromResult(rows.TryGet(Key(id), out var row) ? row.Session : null);
    }

    public Task<IReadOnlyList<UserSession>> ListAsync(Guid userId, CancellationToken ct)
    {
        lock (gate)
        {
            IReadOnlyList<UserSession> live = [.. Live_NeedsLock(userId).OrderByDescending(static session => session.CreatedAt).ThenByDescending(static session => session.Id)];
            return Task.FromResult(live);
        }
    }

    public Task<bool> RevokeAsync(Guid userId, Guid id, CancellationToken ct)
    {
        lock (gate)
        {
            var isTheirs = rows.TryGet(Key(id), out var row) && row.Session.UserId == userId;
            if (isTheirs) Remove_NeedsLock(row!.Session);
            return Task.FromResult(isTheirs);
        }
    }

    public Task<int> RevokeAllAsync(Guid userId, Guid? except, CancellationToken ct)
    {
        lock (gate)
        {
            var ended = Live_NeedsLock(userId).Where(session => session.Id != except).ToList();
            foreach (var session in ended) Remove_NeedsLock(session);
            return Task.FromResult(ended.Count);
        }
    }

    public Task<Rotation> RotateAsync(RefreshToken presented, RefreshToken next, CancellationToken ct)
    {
        lock (gate) return Task.FromResult(Rotate_NeedsLock(presented, next));
    }

    private Rotation Rotate_NeedsLock(RefreshToken presented, RefreshToken next)
    {
        if (!rows.TryGet(Key(presented.SessionId), out var row) || !CryptographicOperations.FixedTimeEquals(row.Family, presented.FamilyDigest)) return Rotation.Unknown;
        var (now, digest) = (clock.GetUtcNow(), presented.Digest);
        if (CryptographicOperations.FixedTimeEquals(row.Current, digest))
        {
            var extended = row.Session with { LastUsedAt = now, ExpiresAt = now + UserSession.Lifetime(row.Session.IsRemembered, limits) };
            Set_NeedsLock(row with { Session = extended, Previous = digest, Current = next.Digest, RotatedAt = now, SealedNext = presented.Seal(next) });
            return new(RotationKind.Rotated, extended, next);
        }

        if (row.Previous is { } previous && CryptographicOperations.FixedTimeEquals(previous, digest) && now - row.RotatedAt <= ISessionStore.RepeatWindow)
            return new(RotationKind.Repeated, row.Session, presented.Open(row.SealedNext));
        Remove_NeedsLock(row.Session);
        return new(RotationKind.Reused, row.Session, null);
    }

    private IEnumerable<UserSession> Live_NeedsLock(Guid userId)
    {
        foreach (var id in users.GetValueOrDefault(userId) ?? [])
        {
            if (rows.TryGet(Key(id), out var row)) yield return row.Session;
        }
    }

    private void Set_NeedsLock(Row row) => rows.Set(Key(row.Session.Id), row, row.Session.ExpiresAt);

    private void Remove_NeedsLock(UserSession session)
    {
        rows.Remove(Key(session.Id));
        if (!users.TryGetValue(session.UserId, out var own)) return;
        own.Remove(session.Id);
        if (own.Count == 0) users.Remove(session.UserId);
    }

    private static string Key(Guid id) => id.ToString("N");

    private sealed record Row(UserSession Session, byte[] Family, byte[] Current, byte[]? Previous, DateTimeOffset RotatedAt, byte[]? SealedNext);
}
