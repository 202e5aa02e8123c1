using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>Codes as hashes: digest, wrong tries, expiry.</summary>
internal sealed class RedisCodeStore(RedisLink redis, TimeProvider clock, EphemeralLimits limits) : ICodeStore
{
    private const string Put =
        """
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'expires', ARGV[2], 'tries', 0)
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1
        """;

    // Equality of strings takes the same time whatever they hold: Lua keeps each string once and compares where it lies.
    private const string Use =
        """
        local code = redis.call('HMGET', KEYS[1], 'digest', 'expires')
        if not code[1] then return 0 end
        if tonumber(code[2]) <= tonumber(ARGV[2]) then
          redis.call('DEL', KEYS[1])
          return 0
        end
        if code[1] == ARGV[1] then
          redis.call('DEL', KEYS[1])
          return 2
        end
        if redis.call('HINCRBY', KEYS[1], 'tries', 1) >= tonumber(ARGV[3]) then redis.call('DEL', KEYS[1]) end
        return 1
        """;

    public Task PutAsync(string purpose, string email, ReadOnlyMemory<byte> digest, TimeSpan lifetime, CancellationToken ct) =>
        redis.RunAsync(Put, [Key(purpose, email)], [digest, RedisLink.Moment(clock.GetUtcNow() + lifetime), RedisLink.KeepFor(lifetime)], ct);

    public async Task<CodeUse> TryUseAsync(string purpose, string email, ReadOnlyMemory<byte> digest, CancellationToken ct) =>
        (CodeUse)(int)await redis.RunAsync(Use, [Key(purpose, email)], [digest, RedisLink.Moment(clock.GetUtcNow()), limits.CodeTries], ct);

    private static RedisKey Key(string purpose, string email) => EphemeralKey.Of("code", purpose, email);
}
