using System.Security.Cryptography;

namespace McpShield.Audit;

/// <summary>How records are bound together: a leaf a record, and a chain over the leaves.</summary>
/// <remarks>
/// <c>leaf = SHA-256(0x00 ‖ envelope)</c>, <c>h = SHA-256(0x01 ‖ h_prev ‖ leaf)</c>, beginning with 32 zero bytes. The prefixes keep a
/// leaf from being taken for a link (RFC 9162, section 2.1.1). The payload is bound through its salted digest in the envelope, so it
/// can be erased without breaking anything.
/// </remarks>
public static class Chain
{
    /// <summary>What the first record of a stream is chained to.</summary>
    public static ReadOnlyMemory<byte> Beginning { get; } = new byte[32];

    /// <summary>The leaf of an envelope.</summary>
    public static byte[] Leaf(ReadOnlySpan<byte> envelope)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(envelope);
        return hash.GetHashAndReset();
    }

    /// <summary>The chain's next link.</summary>
    public static byte[] Link(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> leaf)
    {
        Span<byte> joined = stackalloc byte[65];
        joined[0] = 0x01;
        previous.CopyTo(joined[1..]);
        leaf.CopyTo(joined[33..]);
        return SHA256.HashData(joined);
    }

    /// <summary>The digest by which an envelope names its payload.</summary>
    public static byte[] PayloadDigest(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(payload);
        return hash.GetHashAndReset();
    }
}
