using System.Security.Cryptography;
using System.Text;
using McpShield.Audit;

namespace McpShield.Server.Hosting;

/// <summary>Secrets that a development start makes for itself and keeps in its data directory, readable by nobody else.</summary>
internal static class LocalSecrets
{
    private const int Bytes = 32;

    /// <summary>The secret of <paramref name="name"/>, made when it is first asked for; base64.</summary>
    public static string Get(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        if (!File.Exists(path))
        {
            using var file = PrivateFile.Create(path, FileMode.CreateNew, FileShare.None);
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes))));
            file.Flush(flushToDisk: true);
        }

        return File.ReadAllText(path).Trim();
    }
}
