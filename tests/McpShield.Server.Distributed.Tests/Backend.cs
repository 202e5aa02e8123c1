using McpShield.Testing;
using Npgsql;

namespace McpShield.Server.Tests;

/// <summary>What the server under test stands on: a real PostgreSQL and a real Redis.</summary>
internal static class Backend
{
    public static async Task<Dictionary<string, string>> VariablesAsync()
    {
        var database = new NpgsqlConnectionStringBuilder(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        var redis = await RedisServer.SharedAsync();
        return new(StringComparer.Ordinal)
        {
            ["DB_HOST"] = database.Host!,
            ["DB_PORT"] = database.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["DB_NAME"] = database.Database!,
            ["DB_USER"] = database.Username!,
            ["REDIS_HOST"] = RedisServer.Host,
            ["REDIS_PORT"] = redis.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
