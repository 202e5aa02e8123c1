using System.Security.Cryptography;
using System.Text;
using Geralt;

namespace McpShield.Data.Secrets;

/// <summary>Passwords as they are kept: Argon2id with 19 MiB and two passes, which takes a processor some 25 ms; the salt and these numbers stand in the hash.</summary>
public static class Passwords
{
    /// <summary>UTF-8 bytes of the longest password that is taken; a longer one could keep a processor busy.</summary>
    public const int MaxBytes = 1_024;

    private const int HashLength = 128; // as libsodium writes it, padded with zeros
    private const int Iterations = 2;
    private const int MemoryBytes = 19 * 1_024 * 1_024;

    // Nobody has this password, so whatever is held against it fails after the same work.
    private static readonly Lazy<string> Nobody = new(static () => Hash(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))));

    /// <summary>What is kept of a password.</summary>
    public static string Hash(string password)
    {
        var bytes = Bytes(password) ?? throw new ArgumentException($"a password has at most {MaxBytes} bytes", nameof(password));
        try
        {
            Span<char> hash = stackalloc char[HashLength];
            Argon2id.ComputeHash(hash, bytes, Iterations, MemoryBytes);
            return hash.TrimEnd('\0').ToString();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Whether it is the password of this hash.</summary>
    public static bool Verify(string hash, string password)
    {
        if (Bytes(password) is not { } bytes) return false;
        try
        {
            return Argon2id.VerifyHash(hash, bytes);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return false; // a hash of another kind is nobody's
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>THREAT: whoever measures time learns which e-mail addresses have an account. So where there is none the same work is done, for nothing.</summary>
    public static void VerifyNobody(string password) => Verify(Nobody.Value, password);

    /// <summary>Whether the hash was made with other numbers than today's; after a sign-in it can be made anew.</summary>
    public static bool NeedsRehash(string hash)
    {
        try
        {
            return Argon2id.NeedsRehash(hash, Iterations, MemoryBytes);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return true;
        }
    }

    private static byte[]? Bytes(string password)
    {
        if (password.Length > MaxBytes) return null;
        var bytes = Encoding.UTF8.GetBytes(password);
        if (bytes.Length <= MaxBytes) return bytes;
        CryptographicOperations.ZeroMemory(bytes);
        return null;
    }
}
