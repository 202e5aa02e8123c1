using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace McpShield.Web.Hosting;

/// <summary>The keys that protect cookies and forms: they outlive a restart, and all copies have the same.</summary>
internal static class KeyRing
{
    private const string Folder = "web-keys";

    public static void AddKeyRing(this IServiceCollection services, WebOptions options, IConnectionMultiplexer? redis)
    {
        var keys = services.AddDataProtection().SetApplicationName("mcpshield-web");
        if (redis is not null) services.Configure<KeyManagementOptions>(ring => ring.XmlRepository = new RedisKeys(redis));
        else keys.PersistKeysToFileSystem(Private(Path.Combine(options.DataDirectory, Folder)));
    }

    private static DirectoryInfo Private(string path)
    {
        try
        {
            return OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WebStartFailedException($"cannot write in `{path}`: {failure.Message}; choose another directory with `--data`", failure);
        }
    }

    private sealed class RedisKeys(IConnectionMultiplexer redis) : IXmlRepository
    {
        private static readonly RedisKey List = WebRedis.Prefix + "keys";

        public IReadOnlyCollection<XElement> GetAllElements() => [.. redis.GetDatabase().ListRange(List).Select(static element => XElement.Parse(element.ToString()))];

        public void StoreElement(XElement element, string friendlyName) => redis.GetDatabase().ListRightPush(List, element.ToString(SaveOptions.DisableFormatting));
    }
}
