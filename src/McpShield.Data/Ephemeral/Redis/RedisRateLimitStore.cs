using System.Globalization;
using McpShield.Policy.Limits;
using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>One step of the generic cell rate algorithm inside Redis, exactly as <see cref="Gcra"/> does it.</summary>
/// <remarks>
/// The arrival time in ticks times units does not fit the doubles of a script. So a moment is three whole numbers, each far below 2^53:
/// seconds, ticks of the second, and units-th parts of a tick. Sums carry, comparisons go from left to right, and nothing is rounded.
/// </remarks>
internal sealed class RedisRateLimitStore(RedisLink redis) : IRateLimitStore
{
    // INVARIANT: 10 years of expiry at most, against an arrival time that a policy may put centuries ahead.
    private static readonly TimeSpan MaxKept = TimeSpan.FromDays(3_650);

    // KEYS: the counter. ARGV: units, now (seconds, ticks), interval and tolerance (seconds, ticks, parts), slack and longest expiry in milliseconds.
    private const string Step =
        """
        local units = tonumber(ARGV[1])
        local function add(a, b)
          local r = a[3] + b[3]
          local t = a[2] + b[2]
          local s = a[1] + b[1]
          if r >= units then r = r - units t = t + 1 end
          if t >= 10000000 then t = t - 10000000 s = s + 1 end
          return {s, t, r}
        end
        local function later(a, b)
          if a[1] ~= b[1] then return a[1] > b[1] end
          if a[2] ~= b[2] then return a[2] > b[2] end
          return a[3] > b[3]
        end
        local function read(i) return {tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])} end

        local now = {tonumber(ARGV[2]), tonumber(ARGV[3]), 0}
        local known = redis.call('GET', KEYS[1])
        local arrival = nil
        if known then
          local n = {}
          for word in string.gmatch(known, '%S+') do n[#n + 1] = tonumber(word) end
          arrival = {n[1], n[2], n[3]}
          local seen = {n[4], n[5], 0}
          if later(seen, now) then now = seen end
        end
        if not arrival or later(now, arrival) then arrival = now end

        local allowed = 0
        if not later(arrival, add(now, read(7))) then
          arrival = add(arrival, read(4))
          allowed = 1
        end
        local state = string.format('%.0f %.0f %.0f %.0f %.0f', arrival[1], arrival[2], arrival[3], now[1], now[2])
        local keep = math.min((arrival[1] - now[1] + 1) * 1000 + tonumber(ARGV[10]), tonumber(ARGV[11]))
        redis.call('SET', KEYS[1], state, 'PX', string.format('%.0f', keep))
        return {allowed, state}
        """;

    public async ValueTask<RateLimitAnswer> TakeAsync(string counter, RateLimit limit, DateTimeOffset now, CancellationToken ct)
    {
        var (seconds, ticks) = Math.DivRem(now.UtcTicks, TimeSpan.TicksPerSecond);
        var answer = (RedisResult[])(await redis.RunAsync(
            Step,
            [EphemeralKey.Of("limit", counter)],
            [limit.Units, seconds, ticks, .. Split(limit.Period.Ticks, limit.Units), .. Split((Int128)(limit.Burst - 1) * limit.Period.Ticks, limit.Units), (long)RedisLink.Slack.TotalMilliseconds, (long)MaxKept.TotalMilliseconds],
            ct))!;
        return (bool)answer[0] ? new(true, TimeSpan.Zero) : new(false, Wait((string)answer[1]!, limit));
    }

    // As the pure step says it: from the state that was left.
    private static TimeSpan Wait(string state, RateLimit limit)
    {
        var numbers = state.Split(' ').Select(static word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var arrival = (((Int128)numbers[0] * TimeSpan.TicksPerSecond) + numbers[1]) * limit.Units + numbers[2];
        var seen = new DateTimeOffset((numbers[3] * TimeSpan.TicksPerSecond) + numbers[4], TimeSpan.Zero);
        return Gcra.Step(limit, new RateLimitState(arrival, seen.UtcTicks), seen).RetryAfter;
    }

    // Ticks times units, as seconds, ticks and parts.
    private static RedisValue[] Split(Int128 scaled, int units)
    {
        var (ticks, parts) = Int128.DivRem(scaled, units);
        var (seconds, rest) = Int128.DivRem(ticks, TimeSpan.TicksPerSecond);
        return [(long)seconds, (long)rest, (long)parts];
    }
}
