using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>Requests as hashes: digest of the request, who carries it out, the sealed response.</summary>
internal sealed class RedisIdempotencyStore(RedisLink redis, TimeProvider clock) : IIdempotencyStore
{
    private const string Begin =
        """
        local known = redis.call('HMGET', KEYS[1], 'request', 'expires', 'response')
        if known[1] and tonumber(known[2]) > tonumber(ARGV[3]) then
          if known[1] ~= ARGV[1] then return {0} end
          if known[3] then return {2, known[3]} end
          return {1}
        end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'request', ARGV[1], 'run', ARGV[2], 'expires', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return {3}
        """;

    private const string Complete =
        """
        if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'response', ARGV[2], 'expires', ARGV[3])
        redis.call('HDEL', KEYS[1], 'run')
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    private const string Abandon = "if redis.call('HGET', KEYS[1], 'run') == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

    public async Task<IdempotencyAnswer> BeginAsync(string caller, string key, ReadOnlyMemory<byte> requestHash, CancellationToken ct)
    {
        var (now, run) = (clock.GetUtcNow(), Tokens.Create());
        var answer = (RedisResult[])(await redis.RunAsync(Begin, [Key(caller, key)], [requestHash, run, RedisLink.Moment(now), RedisLink.Moment(now + IIdempotencyStore.RunTime), RedisLink.KeepFor(IIdempotencyStore.RunTime)], ct))!;
        return (IdempotencyKind)(int)answer[0] switch
        {
            IdempotencyKind.Begun => new(IdempotencyKind.Begun, run, null),
            IdempotencyKind.Replay => new(IdempotencyKind.Replay, null, SealedResponse.TryOpen(caller, key, (byte[])answer[1]!) ?? throw new EphemeralUnavailableException("a stored response cannot be read")),
            var other => new(other, null, null),
        };
    }

    public Task CompleteAsync(string caller, string key, string run, StoredResponse response, CancellationToken ct) => redis.RunAsync(
        Complete,
        [Key(caller, key)],
        [run, SealedResponse.Seal(caller, key, response), RedisLink.Moment(clock.GetUtcNow() + IIdempotencyStore.Lifetime), RedisLink.KeepFor(IIdempotencyStore.Lifetime)],
        ct);

    public Task AbandonAsync(string caller, string key, string run, CancellationToken ct) => redis.RunAsync(Abandon, [Key(caller, key)], [run], ct);

    private static RedisKey Key(string caller, string key) => EphemeralKey.Of("idempotency", caller, key);
}
