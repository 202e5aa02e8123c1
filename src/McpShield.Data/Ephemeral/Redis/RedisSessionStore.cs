using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>Sessions as hashes, and for each user the set of their ids.</summary>
internal sealed class RedisSessionStore(RedisLink redis, TimeProvider clock, EphemeralLimits limits) : ISessionStore
{
    private const string SessionPrefix = "mcpshield:session:";
    private const string UserPrefix = "mcpshield:sessions-of:";

    private const string Create =
        """
        redis.call('HSET', KEYS[1], 'user', ARGV[1], 'created', ARGV[2], 'used', ARGV[3], 'expires', ARGV[4], 'ip', ARGV[5], 'agent', ARGV[6], 'remember', ARGV[7],
          'family', ARGV[8], 'current', ARGV[9])
        redis.call('PEXPIRE', KEYS[1], ARGV[10])
        redis.call('SADD', KEYS[2], ARGV[11])
        if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[10]) then redis.call('PEXPIRE', KEYS[2], ARGV[10]) end
        return 1
        """;

    private const string List =
        """
        local found = {}
        for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
          local row = redis.call('HMGET', ARGV[1] .. id, 'user', 'created', 'used', 'expires', 'ip', 'agent', 'remember')
          if row[1] and tonumber(row[4]) > tonumber(ARGV[2]) then
            row[8] = id
            found[#found + 1] = row
          else
            redis.call('SREM', KEYS[1], id)
          end
        end
        return found
        """;

    private const string Revoke =
        """
        if redis.call('SREM', KEYS[2], ARGV[1]) == 0 then return 0 end
        return redis.call('DEL', KEYS[1])
        """;

    private const string RevokeAll =
        """
        local ended = 0
        for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
          if id ~= ARGV[2] then
            ended = ended + redis.call('DEL', ARGV[1] .. id)
            redis.call('SREM', KEYS[1], id)
          end
        end
        return ended
        """;

    private const string Rotate =
        """
        local now = tonumber(ARGV[5])
        local state = redis.call('HMGET', KEYS[1], 'family', 'current', 'previous', 'rotated', 'expires', 'remember', 'user')
        if not state[1] or state[1] ~= ARGV[1] or tonumber(state[5]) <= now then return {0} end
        local function row(kind)
          return {kind, redis.call('HMGET', KEYS[1], 'user', 'created', 'used', 'expires', 'ip', 'agent', 'remember'), redis.call('HGET', KEYS[1], 'sealed')}
        end
        local user = ARGV[7] .. state[7]
        if state[2] == ARGV[2] then
          local life, keep = ARGV[8], ARGV[9]
          if state[6] == '1' then life, keep = ARGV[10], ARGV[11] end
          redis.call('HSET', KEYS[1], 'previous', ARGV[2], 'current', ARGV[3], 'sealed', ARGV[4], 'rotated', ARGV[5], 'used', ARGV[5],
            'expires', string.format('%.0f', now + tonumber(life)))
          redis.call('PEXPIRE', KEYS[1], keep)
          if redis.call('PTTL', user) < tonumber(keep) then redis.call('PEXPIRE', user, keep) end
          return row(3)
        end
        if state[3] and state[3] == ARGV[2] and now - tonumber(state[4]) <= tonumber(ARGV[6]) then return row(2) end
        local ended = row(1)
        redis.call('DEL', KEYS[1])
        redis.call('SREM', user, ARGV[12])
        return ended
        """;

    private static readonly RedisValue[] Fields = ["user", "created", "used", "expires", "ip", "agent", "remember"];

    public Task CreateAsync(UserSession session, RefreshToken token, CancellationToken ct) => redis.RunAsync(
        Create,
        [Key(session.Id), UserKey(session.UserId)],
        [
            Name(session.UserId), RedisLink.Moment(session.CreatedAt), RedisLink.Moment(session.LastUsedAt), RedisLink.Moment(session.ExpiresAt), session.Ip ?? "", session.UserAgent ?? "", session.IsRemembered,
            token.FamilyDigest, token.Digest, RedisLink.KeepFor(UserSession.Lifetime(session.IsRemembered, limits)), Name(session.Id),
        ],
        ct);

    public async Task<UserSession?> FindAsync(Guid id, CancellationToken ct)
    {
        var row = await redis.ReadHashAsync(Key(id), Fields, ct);
        return row[0].IsNull || Read(id, row) is var session && session.ExpiresAt <= clock.GetUtcNow() ? null : session;
    }

    public async Task<IReadOnlyList<UserSession>> ListAsync(Guid userId, CancellationToken ct)
    {
        var rows = (RedisResult[])(await redis.RunAsync(List, [UserKey(userId)], [SessionPrefix, RedisLink.Moment(clock.GetUtcNow())], ct))!;
        return [.. rows.Select(static row => (RedisValue[])row!).Select(static row => Read(Guid.ParseExact(row[7]!, "N"), row)).OrderByDescending(static session => session.CreatedAt).ThenByDescending(static session => session.Id)];
    }

    public async Task<bool> RevokeAsync(Guid userId, Guid id, CancellationToken ct) =>
        (bool)await redis.RunAsync(Revoke, [Key(id), UserKey(userId)], [Name(id)], ct);

    public async Task<int> RevokeAllAsync(Guid userId, Guid? except, CancellationToken ct) =>
        (int)await redis.RunAsync(RevokeAll, [UserKey(userId)], [SessionPrefix, except is { } kept ? Name(kept) : ""], ct);

    public async Task<Rotation> RotateAsync(RefreshToken presented, RefreshToken next, CancellationToken ct)
    {
        var (brief, remembered) = (UserSession.Lifetime(isRemembered: false), UserSession.Lifetime(isRemembered: true, limits));
        var answer = (RedisResult[])(await redis.RunAsync(
            Rotate,
            [Key(presented.SessionId)],
            [
                presented.FamilyDigest, presented.Digest, next.Digest, presented.Seal(next), RedisLink.Moment(clock.GetUtcNow()), RedisLink.Microseconds(ISessionStore.RepeatWindow), UserPrefix,
                RedisLink.Microseconds(brief), RedisLink.KeepFor(brief), RedisLink.Microseconds(remembered), RedisLink.KeepFor(remembered), Name(presented.SessionId),
            ],
            ct))!;
        var kind = (RotationKind)(int)answer[0];
        if (kind is RotationKind.Unknown) return Rotation.Unknown;
        var session = Read(presented.SessionId, (RedisValue[])answer[1]!);
        return new(kind, session, kind switch
        {
            RotationKind.Rotated => next,
            RotationKind.Repeated => presented.Open((byte[])answer[2]!),
            _ => null,
        });
    }

    private static UserSession Read(Guid id, RedisValue[] row) => new()
    {
        Id = id,
        UserId = Guid.ParseExact(row[0]!, "N"),
        CreatedAt = RedisLink.ToMoment(row[1]),
        LastUsedAt = RedisLink.ToMoment(row[2]),
        ExpiresAt = RedisLink.ToMoment(row[3]),
        Ip = row[4].IsNullOrEmpty ? null : (string?)row[4],
        UserAgent = row[5].IsNullOrEmpty ? null : (string?)row[5],
        IsRemembered = (bool)row[6],
    };

    private static string Name(Guid id) => id.ToString("N");

    private static RedisKey Key(Guid id) => SessionPrefix + Name(id);

    private static RedisKey UserKey(Guid id) => UserPrefix + Name(id);
}
