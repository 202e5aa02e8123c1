using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>Attempts as a list of their moments, oldest first.</summary>
internal sealed class RedisAttemptCounter(RedisLink redis, TimeProvider clock) : IAttemptCounter
{
    // THREAT: a clock that steps back would let attempts through again; so now is never earlier than the last attempt.
    private const string Take =
        """
        local now, limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local last = redis.call('LINDEX', KEYS[1], -1)
        if last and tonumber(last) > now then now = tonumber(last) end
        local oldest = redis.call('LINDEX', KEYS[1], 0)
        while oldest and tonumber(oldest) + window <= now do
          redis.call('LPOP', KEYS[1])
          oldest = redis.call('LINDEX', KEYS[1], 0)
        end
        local count = redis.call('LLEN', KEYS[1])
        if count >= limit then
          local frees = redis.call('LINDEX', KEYS[1], count - limit)
          return tonumber(frees) + window - now
        end
        redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return 0
        """;

    public async Task<Attempt> TryTakeAsync(string name, int limit, TimeSpan window, CancellationToken ct)
    {
        var wait = (long)await redis.RunAsync(Take, [Key(name)], [RedisLink.Moment(clock.GetUtcNow()), limit, RedisLink.Microseconds(window), RedisLink.KeepFor(window)], ct);
        return new(wait == 0, TimeSpan.FromMicroseconds(wait));
    }

    public Task ResetAsync(string name, CancellationToken ct) => redis.DeleteAsync(Key(name), ct);

    private static RedisKey Key(string name) => EphemeralKey.Of("attempts", name);
}
