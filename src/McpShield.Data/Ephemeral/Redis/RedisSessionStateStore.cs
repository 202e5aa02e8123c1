using System.Globalization;
using McpShield.Policy.Sessions;
using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>
/// Conversations as hashes, one for the whole key beside them, and a sorted set of the key's conversations by last use. In a hash
/// <c>l:</c> begins a label, <c>c:</c> a tool's count; <c>version</c> and <c>used</c> stand beside them.
/// </summary>
internal sealed class RedisSessionStateStore(RedisLink redis, TimeProvider clock) : ISessionStateStore
{
    private const string Common =
        """
        local function touch(key, now, keep)
          local used = redis.call('HGET', key, 'used')
          if not used or tonumber(used) < tonumber(now) then redis.call('HSET', key, 'used', now) end
          redis.call('PEXPIRE', key, keep)
        end

        -- What a call gathers after its conversation was forgotten, the key still learns.
        local function is_kept(i) return i == #KEYS or redis.call('EXISTS', KEYS[i]) == 1 end

        """;

    // KEYS: the whole, the set, the conversation that was presented (or the whole), a fresh one.
    // ARGV: now, idle time, expiry, most conversations, prefix of conversations, name of the presented one (or nothing) and of the fresh one.
    private const string Open = Common +
        """
        local now, keep = ARGV[1], ARGV[3]
        local stale = string.format('(%.0f', tonumber(now) - tonumber(ARGV[2]))
        local function is_live(key)
          local used = redis.call('HGET', key, 'used')
          if used and tonumber(now) - tonumber(used) <= tonumber(ARGV[2]) then return true end
          redis.call('DEL', key)
          return false
        end

        is_live(KEYS[1])
        touch(KEYS[1], now, keep)
        if ARGV[6] ~= '' and is_live(KEYS[3]) then
          touch(KEYS[3], now, keep)
          redis.call('ZADD', KEYS[2], now, ARGV[6])
          redis.call('PEXPIRE', KEYS[2], keep)
          return {1, redis.call('HGETALL', KEYS[3])}
        end

        for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', stale)) do redis.call('DEL', ARGV[5] .. name) end
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', stale)
        local whole = redis.call('HGETALL', KEYS[1])
        if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return {0, whole} end
        for i = 1, #whole, 2 do redis.call('HSET', KEYS[4], whole[i], whole[i + 1]) end
        touch(KEYS[4], now, keep)
        redis.call('ZADD', KEYS[2], now, ARGV[7])
        redis.call('PEXPIRE', KEYS[2], keep)
        return {2, whole}
        """;

    // KEYS: the session that decides, and the whole where that is another. ARGV: now, expiry, count's name, version (or nothing).
    private const string Count = Common +
        """
        local decides = is_kept(1) and KEYS[1] or KEYS[#KEYS]
        if ARGV[4] ~= '' and (redis.call('HGET', decides, 'version') or '0') ~= ARGV[4] then return redis.call('HGETALL', decides) end
        for i, key in ipairs(KEYS) do
          if is_kept(i) then
            redis.call('HINCRBY', key, ARGV[3], 1)
            redis.call('HINCRBY', key, 'version', 1)
            touch(key, ARGV[1], ARGV[2])
          end
        end
        return false
        """;

    // KEYS: as for counting. ARGV: now, expiry, labels' names.
    private const string AddLabels = Common +
        """
        for i, key in ipairs(KEYS) do
          if is_kept(i) then
            local added = 0
            for label = 3, #ARGV do added = added + redis.call('HSETNX', key, ARGV[label], 1) end
            if added > 0 then redis.call('HINCRBY', key, 'version', 1) end
            touch(key, ARGV[1], ARGV[2])
          end
        end
        return 1
        """;

    public async ValueTask<SessionReading> OpenAsync(string key, string? handle, CancellationToken ct)
    {
        var (whole, prefix, fresh) = (Whole(key), Prefix(key), Session.NewId());
        var presented = handle is null ? "" : EphemeralKey.Digest(handle);
        var answer = (RedisResult[])(await redis.RunAsync(
            Open,
            [whole, prefix + "all", handle is null ? whole : prefix + presented, prefix + EphemeralKey.Digest(fresh)],
            [Now, RedisLink.Microseconds(ISessionStateStore.IdleTime), Keep, ISessionStateStore.MaxPerKey, prefix, presented, EphemeralKey.Digest(fresh)],
            ct))!;
        return Read((int)answer[0] switch { 1 => handle, 2 => fresh, _ => null }, (RedisValue[])answer[1]!);
    }

    public async ValueTask<SessionReading?> TryCountAsync(string key, string? handle, string tool, long? version, CancellationToken ct)
    {
        var changed = await redis.RunAsync(Count, Keys(key, handle), [Now, Keep, "c:" + tool, version is { } seen ? seen : ""], ct);
        return changed.IsNull ? null : Read(handle, (RedisValue[])changed!);
    }

    public async ValueTask AddLabelsAsync(string key, string? handle, IReadOnlyCollection<string> labels, CancellationToken ct) =>
        await redis.RunAsync(AddLabels, Keys(key, handle), [Now, Keep, .. labels.Select(static label => (RedisValue)("l:" + label))], ct);

    private RedisValue Now => RedisLink.Moment(clock.GetUtcNow());

    private static RedisValue Keep => RedisLink.KeepFor(ISessionStateStore.IdleTime);

    private static SessionReading Read(string? handle, RedisValue[] hash)
    {
        var labels = new HashSet<string>(StringComparer.Ordinal);
        var calls = new Dictionary<string, int>(StringComparer.Ordinal);
        var version = 0L;
        for (var i = 0; i + 1 < hash.Length; i += 2)
        {
            var name = (string)hash[i]!;
            if (name.StartsWith("l:", StringComparison.Ordinal)) labels.Add(name[2..]);
            else if (name.StartsWith("c:", StringComparison.Ordinal)) calls[name[2..]] = (int)hash[i + 1];
            else if (name == "version") version = long.Parse(hash[i + 1].ToString(), CultureInfo.InvariantCulture);
        }

        return new(handle, new() { Id = handle, Labels = labels, Calls = calls }, version);
    }

    private static RedisKey[] Keys(string key, string? handle) => handle is null ? [Whole(key)] : [Prefix(key) + EphemeralKey.Digest(handle), Whole(key)];

    private static string Whole(string key) => Prefix(key) + "whole";

    // "all", "whole" and digests differ in length.
    private static string Prefix(string key) => EphemeralKey.Of("conversations", key) + ":";
}
