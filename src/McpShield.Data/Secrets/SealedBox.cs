using System.Security.Cryptography;
using System.Text;

namespace McpShield.Data.Secrets;

/// <summary>AES-256-GCM under a key drawn from a secret that nobody can guess, with a fresh nonce in front.</summary>
internal static class SealedBox
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Seals <paramref name="plain"/>; <paramref name="use"/> keeps one use of the same secret apart from another.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> secret, string use, ReadOnlySpan<byte> plain)
    {
        using var cipher = Cipher(secret, use);
        return Seal(cipher, plain, []);
    }

    /// <summary>What was sealed; <c>null</c> when it was sealed under something else, or was altered.</summary>
    public static byte[]? TryOpen(ReadOnlySpan<byte> secret, string use, ReadOnlySpan<byte> box)
    {
        using var cipher = Cipher(secret, use);
        return TryOpen(cipher, box, []);
    }

    public static byte[] Seal(AesGcm cipher, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound)
    {
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        cipher.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), bound);
        return box;
    }

    public static byte[]? TryOpen(AesGcm cipher, ReadOnlySpan<byte> box, ReadOnlySpan<byte> bound)
    {
        if (box.Length < NonceBytes + TagBytes) return null;
        var plain = new byte[box.Length - NonceBytes - TagBytes];
        try
        {
            cipher.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], plain, bound);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public static AesGcm NewCipher(ReadOnlySpan<byte> key) => new(key, TagBytes);

    private static AesGcm Cipher(ReadOnlySpan<byte> secret, string use)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: default, Encoding.UTF8.GetBytes(use));
        var cipher = NewCipher(key);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
