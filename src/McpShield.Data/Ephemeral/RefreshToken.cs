using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using McpShield.Data.Secrets;

namespace McpShield.Data.Ephemeral;

/// <summary>
/// A refresh token: the session's id, 128 bits that stay the same through the session (its family), 256 bits that are new each time.
/// </summary>
/// <remarks>
/// The family is what tells a token that was good once from one that never was: a store keeps two digests a session, however often it
/// was refreshed, and a stranger who knows a session's id cannot end it with a token of their own making.
/// </remarks>
public sealed class RefreshToken
{
    private const int IdBytes = 16;
    private const int FamilyBytes = 16;
    private const int Bytes = IdBytes + FamilyBytes + 32;
    private const string Seals = "mcpshield refresh token";

    private readonly byte[] bytes;

    private RefreshToken(byte[] bytes) => this.bytes = bytes;

    /// <summary>The session it belongs to.</summary>
    public Guid SessionId => new(bytes.AsSpan(0, IdBytes), bigEndian: true);

    /// <summary>What the client keeps.</summary>
    public string Text => Base64Url.EncodeToString(bytes);

    internal byte[] FamilyDigest => SHA256.HashData(bytes.AsSpan(0, IdBytes + FamilyBytes));

    internal byte[] Digest => SHA256.HashData(bytes);

    /// <summary>The first token of a session.</summary>
    public static RefreshToken Create(Guid sessionId)
    {
        var bytes = RandomNumberGenerator.GetBytes(Bytes);
        sessionId.TryWriteBytes(bytes, bigEndian: true, out _);
        return new(bytes);
    }

    /// <summary>Reads what a client sent.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RefreshToken? token)
    {
        token = null;
        if (text is null || text.Length != Base64Url.GetEncodedLength(Bytes) || !Base64Url.IsValid(text)) return false;
        var bytes = new byte[Bytes];
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Bytes) return false;
        token = new(bytes);
        return true;
    }

    /// <summary>The next token of the same session.</summary>
    public RefreshToken Next()
    {
        var next = bytes.ToArray();
        RandomNumberGenerator.Fill(next.AsSpan(IdBytes + FamilyBytes));
        return new(next);
    }

    /// <inheritdoc/>
    public override string ToString() => "***";

    // Only who presents this token again may read what it was replaced by: the store cannot.
    internal byte[] Seal(RefreshToken next) => SealedBox.Seal(bytes, Seals, next.bytes);

    internal RefreshToken? Open(ReadOnlySpan<byte> sealedNext) => SealedBox.TryOpen(bytes, Seals, sealedNext) is { Length: Bytes } next ? new(next) : null;
}
