using System.Text;
using NSec.Cryptography;

namespace McpShield.Audit;

/// <summary>The Ed25519 key that a process signs the beginning and end of its stream with.</summary>
public sealed class AuditSigningKey : IDisposable
{
    private static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;
    private readonly Key key;

    private AuditSigningKey(Key key) => this.key = key;

    /// <summary>The public half, 32 bytes.</summary>
    public byte[] PublicKey => key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    /// <summary>Reads the key of <paramref name="path"/>, or makes one there that only its owner can read.</summary>
    public static AuditSigningKey LoadOrCreate(string path)
    {
        if (File.Exists(path)) return Load(path);

        // Written aside and moved in whole: of two programs that start at once, both end up with the key of one.
        using var created = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var draft = $"{full}.{Path.GetRandomFileName()}.new";
        using (var file = PrivateFile.Create(draft, FileMode.Create))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(created.Export(KeyBlobFormat.RawPrivateKey))));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, full, overwrite: false);
        }
        catch (IOException) when (File.Exists(full))
        {
            File.Delete(draft);
        }

        return Load(full);
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
            return new(Key.Import(Algorithm, Convert.FromBase64String(File.ReadAllText(path)), KeyBlobFormat.RawPrivateKey));
        }
        catch (FormatException damaged)
        {
            throw new IOException($"`{path}` does not hold a signing key; move it away and a new one is made", damaged);
        }
    }

    private static PublicKey? ImportPublic(ReadOnlySpan<byte> bytes) =>
        NSec.Cryptography.PublicKey.TryImport(Algorithm, bytes, KeyBlobFormat.RawPublicKey, out var key) ? key : null;
}
