using System.Globalization;
using StackExchange.Redis;

namespace McpShield.Data.Ephemeral.Redis;

/// <summary>The connection to Redis. Every operation of several steps is a script, which Redis runs as one.</summary>
/// <remarks>
/// Moments are microseconds since 1970, written out as whole numbers: a script's numbers are doubles, exact below 2^53, which
/// microseconds reach in the year 2255. A moment that a law depends on is in the value; a key's own expiry only cleans up, a while later,
/// so that neither a copy whose clock is behind nor Redis's own clock changes an answer.
/// </remarks>
internal sealed class RedisLink : IAsyncDisposable
{
    /// <summary>How much longer a key stays than its value is good.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(10);

    private static readonly RedisValue[] NoValues = [];

    private readonly ConnectionMultiplexer connection;
    private readonly string address;

    private RedisLink(ConnectionMultiplexer connection, string address) => (this.connection, this.address) = (connection, address);

    public static async Task<RedisLink> OpenAsync(RedisOptions options, CancellationToken ct)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"{options.Host}:{options.Port}");
        var settings = new ConfigurationOptions
        {
            EndPoints = { { options.Host, options.Port } },
            DefaultDatabase = options.Database,
            User = options.User,
            Password = options.Password,
            Ssl = options.UsesTls,
            ClientName = "mcpshield",
            AbortOnConnectFail = true,
            ConnectTimeout = 5_000,
            AsyncTimeout = 2_000,
            SyncTimeout = 2_000,

            // While the connection is down an answer is not known: say so at once instead of letting callers queue.
            BacklogPolicy = BacklogPolicy.FailFast,
        };
        RedisLink? link = null;
        try
        {
            link = new(await ConnectionMultiplexer.ConnectAsync(settings).WaitAsync(ct), address);
            await link.CheckAsync(ct);
            return link;
        }
        catch (Exception failure) when (failure is RedisException or EphemeralUnavailableException)
        {
            if (link is not null) await link.DisposeAsync();
            throw new EphemeralUnavailableException($"redis at {address} cannot be used: {failure.Message}; check REDIS_HOST, REDIS_PORT, REDIS_DB and REDIS_PASSWORD, or unset REDIS_HOST to keep this state in memory", failure);
        }
    }

    /// <summary>A moment as scripts take it.</summary>
    public static RedisValue Moment(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToMoment(RedisValue microseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)microseconds * TimeSpan.TicksPerMicrosecond);

    public static RedisValue Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>What a key's own expiry is set to: milliseconds.</summary>
    public static RedisValue KeepFor(TimeSpan lifetime) => (long)(lifetime + Slack).TotalMilliseconds;

    /// <summary>Runs a script.</summary>
    public Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken ct) =>
        GuardAsync(connection.GetDatabase().ScriptEvaluateAsync(script, keys, values), ct);

    public Task<RedisValue[]> ReadHashAsync(RedisKey key, RedisValue[] fields, CancellationToken ct) =>
        GuardAsync(connection.GetDatabase().HashGetAsync(key, fields), ct);

    public Task DeleteAsync(RedisKey key, CancellationToken ct) => GuardAsync(connection.GetDatabase().KeyDeleteAsync(key), ct);

    public Task PublishAsync(RedisChannel channel, RedisValue message, CancellationToken ct) =>
        GuardAsync(connection.GetSubscriber().PublishAsync(channel, message), ct);

    public Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CancellationToken ct) =>
        GuardAsync(connection.GetSubscriber().SubscribeAsync(channel), ct);

    public Task CheckAsync(CancellationToken ct) => RunAsync("return redis.call('PING')", [], NoValues, ct);

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();

    // An answer that did not come may have been carried out all the same: a unit is then used up for nothing, never granted twice.
    private async Task<T> GuardAsync<T>(Task<T> answer, CancellationToken ct)
    {
        try
        {
            return await answer.WaitAsync(ct);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw new EphemeralUnavailableException($"redis at {address} did not answer: {failure.Message}", failure);
        }
    }
}
