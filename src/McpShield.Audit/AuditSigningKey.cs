using System.Text;
using NSec.Cryptography;

namespace McpShield.Audit;

/// <summary>The Ed25519 key that a process signs the beginning and end of its stream with.</summary>
public sealed class AuditSigningKey : IDisposable
{
    private static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;
    private const int EncodedLength = 44; // base64 of 32 bytes
    private const int ReadAttempts = 100;
    private static readonly TimeSpan ReadPause = TimeSpan.FromMilliseconds(10);
    private readonly Key key;

    private AuditSigningKey(Key key) => this.key = key;

    /// <summary>The public half, 32 bytes.</summary>
    public byte[] PublicKey => key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    /// <summary>Reads the key of <paramref name="path"/>, or makes one there that only its owner can read.</summary>
    public static AuditSigningKey LoadOrCreate(string path)
    {
        if (File.Exists(path)) return Load(path);

        using var created = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            // Of programs that start at once, one makes the file; the others find it.
            using var file = PrivateFile.Create(path, FileMode.CreateNew, FileShare.None);
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(created.Export(KeyBlobFormat.RawPrivateKey))));
            file.Flush(flushToDisk: true);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Somebody else was first.
        }

        return Load(path);
    }

    /// <summary>A signature of 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => Algorithm.Sign(key, data);

    /// <summary>Whether <paramref name="signature"/> was made over <paramref name="data"/> by the owner of <paramref name="publicKey"/>.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        ImportPublic(publicKey) is { } known && Algorithm.Verify(known, data, signature);

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    private static AuditSigningKey Load(string path)
    {
        try
        {
            return new(Key.Import(Algorithm, Convert.FromBase64String(ReadWhole(path)), KeyBlobFormat.RawPrivateKey));
        }
        catch (FormatException damaged)
        {
            throw new IOException($"`{path}` does not hold a signing key; move it away and a new one is made", damaged);
        }
    }

    // The program that makes the file may be in the middle of it: what is shorter than a key is waited for, a second at most.
    private static string ReadWhole(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var text = File.ReadAllText(path);
                if (text.Length >= EncodedLength || attempt == ReadAttempts) return text;
            }
            catch (IOException) when (attempt < ReadAttempts && File.Exists(path))
            {
                // Held by its writer.
            }

            Thread.Sleep(ReadPause);
        }
    }

    private static PublicKey? ImportPublic(ReadOnlySpan<byte> bytes) =>
        NSec.Cryptography.PublicKey.TryImport(Algorithm, bytes, KeyBlobFormat.RawPublicKey, out var key) ? key : null;
}
