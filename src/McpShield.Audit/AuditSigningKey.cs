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
        if (File.Exists(path)) return new(Key.Import(Algorithm, Convert.FromBase64String(File.ReadAllText(path)), KeyBlobFormat.RawPrivateKey));

        var created = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using (var file = PrivateFile.Create(path, FileMode.CreateNew))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(created.Export(KeyBlobFormat.RawPrivateKey))));
            file.Flush(flushToDisk: true);
        }

        return new(created);
    }

    /// <summary>A signature of 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => Algorithm.Sign(key, data);

    /// <summary>Whether <paramref name="signature"/> was made over <paramref name="data"/> by the owner of <paramref name="publicKey"/>.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        ImportPublic(publicKey) is { } known && Algorithm.Verify(known, data, signature);

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    private static PublicKey? ImportPublic(ReadOnlySpan<byte> bytes) =>
        NSec.Cryptography.PublicKey.TryImport(Algorithm, bytes, KeyBlobFormat.RawPublicKey, out var key) ? key : null;
}
