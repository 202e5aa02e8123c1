using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpShield.Web.Hosting;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace McpShield.Web.Sessions;

/// <summary>Sessions in Redis, encrypted, under a digest of their key.</summary>
internal sealed class RedisVault(IConnectionMultiplexer redis, IDataProtectionProvider protection) : ISessionVault
{
    private readonly IDataProtector protector = protection.CreateProtector("mcpshield-web session");

    public async Task<WebSession?> FindAsync(string key, CancellationToken ct)
    {
        byte[]? kept = await redis.GetDatabase().StringGetAsync(Name(key)).WaitAsync(ct);
        if (kept is null) return null;
        try
        {
            return JsonSerializer.Deserialize(protector.Unprotect(kept), WebSessionJson.Default.WebSession);
        }
        catch (CryptographicException)
        {
            return null; // its key is gone; so is the session
        }
    }

    public Task AddAsync(string key, WebSession session, TimeSpan lifetime, CancellationToken ct) => KeepAsync(key, session, lifetime, When.Always, ct);

    public Task ReplaceAsync(string key, WebSession session, TimeSpan lifetime, CancellationToken ct) => KeepAsync(key, session, lifetime, When.Exists, ct);

    public Task RemoveAsync(string key, CancellationToken ct) => redis.GetDatabase().KeyDeleteAsync(Name(key)).WaitAsync(ct);

    private Task KeepAsync(string key, WebSession session, TimeSpan lifetime, When when, CancellationToken ct) =>
        redis.GetDatabase().StringSetAsync(Name(key), protector.Protect(JsonSerializer.SerializeToUtf8Bytes(session, WebSessionJson.Default.WebSession)), lifetime, when: when).WaitAsync(ct);

    private static RedisKey Name(string key) => $"{WebRedis.Prefix}session:{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
}
