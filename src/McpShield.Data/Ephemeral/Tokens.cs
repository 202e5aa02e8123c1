using System.Buffers.Text;
using System.Security.Cryptography;

namespace McpShield.Data.Ephemeral;

internal static class Tokens
{
    /// <summary>256 random bits: nobody guesses one, so a digest without salt is enough to keep.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
