using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Data.Ephemeral;

/// <summary>
/// Names what is kept. THREAT: whoever lists the keys of Redis would read e-mail addresses and tokens there; so a name holds digests
/// only, and is short whatever a caller sent.
/// </summary>
internal static class EphemeralKey
{
    private const string Prefix = "mcpshield:";

    public static string Of(string kind, params ReadOnlySpan<string> parts) => $"{Prefix}{kind}:{Digest(parts)}";

    /// <summary>A digest of all parts; lengths keep <c>a</c> + <c>bc</c> apart from <c>ab</c> + <c>c</c>.</summary>
    public static string Digest(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Base64Url.EncodeToString(hash.GetHashAndReset());
    }
}
