using StackExchange.Redis;

namespace McpShield.Web.Hosting;

/// <summary>Opens the connection to the web host's Redis.</summary>
internal static class RedisLink
{
    public static async Task<ConnectionMultiplexer> OpenAsync(WebRedis server, CancellationToken ct)
    {
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
            {
                EndPoints = { { server.Host, server.Port } },
                DefaultDatabase = server.Database,
                User = server.User,
                Password = server.Password,
                ClientName = "mcpshield-web",
                AbortOnConnectFail = true,
                ConnectTimeout = 5_000,
                AsyncTimeout = 2_000,
                SyncTimeout = 2_000,
                BacklogPolicy = BacklogPolicy.FailFast,
            }).WaitAsync(ct);
        }
        catch (RedisException failure)
        {
            throw new WebStartFailedException($"redis at {server} cannot be used: {failure.Message}; check REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_USER and REDIS_PASSWORD, or unset REDIS_HOST to keep sessions in memory", failure);
        }
    }
}
