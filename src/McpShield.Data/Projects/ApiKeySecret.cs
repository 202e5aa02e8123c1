using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Data.Projects;

/// <summary>API keys: <c>mcps_</c> and 256 random bits. Kept as a digest; a digest without salt is enough for what nobody can guess.</summary>
public static class ApiKeySecret
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "mcps_";

    private const int PrefixLength = 12;
    private const int MaxLength = 128;

    /// <summary>A new key, to be shown once.</summary>
    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The part of a key that may be shown.</summary>
    public static string Shown(string key) => key[..Math.Min(PrefixLength, key.Length)];

    /// <summary>Whether it looks like a key at all.</summary>
    public static bool IsKey(string text) => text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length <= MaxLength;

    /// <summary>What is kept of it.</summary>
    public static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
