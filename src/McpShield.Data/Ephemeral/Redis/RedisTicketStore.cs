using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>Tickets as hashes, and for each owner the set of their keys.</summary>
internal sealed class RedisTicketStore(RedisLink redis, TimeProvider clock) : ITicketStore
{
    private const string Add =
        """
        local expires = redis.call('HGET', KEYS[1], 'expires')
        if expires and tonumber(expires) > tonumber(ARGV[2]) then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'payload', ARGV[1], 'expires', ARGV[3], 'owner', KEYS[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        redis.call('SADD', KEYS[2], KEYS[1])
        if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
        return 1
        """;

    private const string Take =
        """
        local ticket = redis.call('HMGET', KEYS[1], 'payload', 'expires', 'owner')
        if not ticket[1] then return false end
        redis.call('DEL', KEYS[1])
        redis.call('SREM', ticket[3], KEYS[1])
        if tonumber(ticket[2]) <= tonumber(ARGV[1]) then return false end
        return ticket[1]
        """;

    private const string Replace =
        """
        local ticket = redis.call('HMGET', KEYS[1], 'payload', 'expires')
        if not ticket[1] or tonumber(ticket[2]) <= tonumber(ARGV[1]) or ticket[1] ~= ARGV[2] then return 0 end
        redis.call('HSET', KEYS[1], 'payload', ARGV[3])
        return 1
        """;

    private const string RevokeAll =
        """
        for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('DEL', key) end
        redis.call('DEL', KEYS[1])
        return 1
        """;

    private static readonly RedisValue[] Fields = ["payload", "expires"];

    public async Task<string> IssueAsync(string purpose, string owner, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken ct)
    {
        var token = Tokens.Create();
        await TryAddAsync(purpose, owner, token, payload, lifetime, ct);
        return token;
    }

    public async Task<bool> TryAddAsync(string purpose, string owner, string token, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return (bool)await redis.RunAsync(Add, [Key(purpose, token), OwnerKey(purpose, owner)], [payload, RedisLink.Moment(now), RedisLink.Moment(now + lifetime), RedisLink.KeepFor(lifetime)], ct);
    }

    public async Task<byte[]?> TakeAsync(string purpose, string token, CancellationToken ct) =>
        (byte[]?)await redis.RunAsync(Take, [Key(purpose, token)], [RedisLink.Moment(clock.GetUtcNow())], ct);

    public async Task<byte[]?> PeekAsync(string purpose, string token, CancellationToken ct)
    {
        var ticket = await redis.ReadHashAsync(Key(purpose, token), Fields, ct);
        return ticket[0].IsNull || RedisLink.ToMoment(ticket[1]) <= clock.GetUtcNow() ? null : (byte[]?)ticket[0];
    }

    public async Task<bool> TryReplaceAsync(string purpose, string token, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> payload, CancellationToken ct) =>
        (bool)await redis.RunAsync(Replace, [Key(purpose, token)], [RedisLink.Moment(clock.GetUtcNow()), expected, payload], ct);

    public Task RevokeAllAsync(string purpose, string owner, CancellationToken ct) => redis.RunAsync(RevokeAll, [OwnerKey(purpose, owner)], [], ct);

    private static RedisKey Key(string purpose, string token) => EphemeralKey.Of("ticket", purpose, token);

    private static RedisKey OwnerKey(string purpose, string owner) => EphemeralKey.Of("tickets-of", purpose, owner);
}
