using System.Globalization;
using System.Security.Cryptography;
using McpShield.Testing;
using Npgsql;

namespace McpShield.EndToEnd.Tests.Copies;

/// <summary>What copies have in common: one real PostgreSQL, one real Redis, and the secrets.</summary>
internal sealed class SharedBackend
{
    private SharedBackend(Dictionary<string, string?> variables, string connectionString) => (Variables, ConnectionString) = (variables, connectionString);

    public IReadOnlyDictionary<string, string?> Variables { get; }

    public string ConnectionString { get; }

    /// <summary>With a database of its own, empty.</summary>
    public static async Task<SharedBackend> CreateAsync()
    {
        var connectionString = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var redis = await RedisServer.SharedAsync();
        return new(
            new(StringComparer.Ordinal)
            {
                ["DB_HOST"] = database.Host,
                ["DB_PORT"] = database.Port.ToString(CultureInfo.InvariantCulture),
                ["DB_NAME"] = database.Database,
                ["DB_USER"] = database.Username,
                ["REDIS_HOST"] = RedisServer.Host,
                ["REDIS_PORT"] = redis.Port.ToString(CultureInfo.InvariantCulture),
                ["JWT_SECRET"] = Secret(),
                ["MCPSHIELD_DATA_KEY"] = Secret(),
            },
            connectionString);
    }

    /// <summary>The only value that a statement finds.</summary>
    public async Task<T?> ReadAsync<T>(string sql, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T?)await command.ExecuteScalarAsync(ct);
    }

    private static string Secret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
