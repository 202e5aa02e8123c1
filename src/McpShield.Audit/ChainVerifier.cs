using System.Buffers;
using McpShield.Policy.Json;

namespace McpShield.Audit;

/// <summary>What is wrong with a stream, and where it begins.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">The first record that does not hold.</param>
/// <param name="Problem">For people.</param>
public sealed record ChainFault(Guid Stream, long Seq, string Problem);

/// <summary>Recomputes one stream, record by record in its order. Pure, and holds no more than the last link.</summary>
public sealed class ChainVerifier(Guid stream)
{
    private byte[] link = Chain.Beginning.ToArray();
    private byte[]? publicKey;
    private long expected = 1;

    /// <summary>The last link that held.</summary>
    public ReadOnlyMemory<byte> Link => link;

    /// <summary>How many records held.</summary>
    public long Count => expected - 1;

    /// <summary>The first fault, or <c>null</c> when the stream holds. An erased payload is no fault; a changed one is.</summary>
    public static ChainFault? Verify(IEnumerable<KeptRecord> records)
    {
        ChainVerifier? verifier = null;
        foreach (var record in records)
        {
            verifier ??= new(record.Stream);
            if (verifier.Add(record) is { } fault) return fault;
        }

        return null;
    }

    /// <summary>What is wrong with the next record, or <c>null</c>.</summary>
    public ChainFault? Add(KeptRecord record)
    {
        if (Follow(record.Seq, Chain.Leaf(record.Envelope), record.Link) is { } fault) return fault;
        return Check(record) is { } problem ? new(stream, record.Seq, problem) : null;
    }

    /// <summary>The same for a record that is not the reader's to see: its kept leaf must fit the chain.</summary>
    public ChainFault? AddUnread(long seq, ReadOnlySpan<byte> leaf, ReadOnlySpan<byte> kept) => Follow(seq, leaf, kept);

    private ChainFault? Follow(long seq, ReadOnlySpan<byte> leaf, ReadOnlySpan<byte> kept)
    {
        if (seq != expected) return new(stream, expected, seq > expected ? "records are missing" : "a record stands twice or out of order");
        var next = Chain.Link(link, leaf);
        if (!kept.SequenceEqual(next)) return new(stream, seq, "the record does not fit the chain");
        (link, expected) = (next, expected + 1);
        return null;
    }

    private string? Check(KeptRecord record)
    {
        if (record.Stream != stream) return "the record names another stream";
        if (!JsonTree.TryRead(record.Envelope, new(4 * 1024 * 1024, 64, 50_000), out var tree, out _)) return "the envelope is not JSON";
        using (tree)
        {
            var root = tree!.Root;
            if (record.Seq == 1)
            {
                if (record.Kind != "opened" || root["public_key"u8].AsString() is not { } encoded) return "the stream was not opened by a signed record";
                publicKey = Convert.FromBase64String(encoded);
            }

            if (record.Kind is "opened" or "sealed" && (publicKey is null || !IsSigned(root, publicKey))) return "the signature does not hold";
            if (record.Payload is { } payload && root["payload_sha256"u8].AsString() is { } digest
                && Convert.ToHexStringLower(Chain.PayloadDigest(record.Salt, payload)) != digest)
            {
                return "the payload is not the one recorded";
            }
        }

        return null;
    }

    // The signature covers the canonical envelope without itself.
    private static bool IsSigned(JsonView envelope, byte[] publicKey)
    {
        if (envelope["signature"u8].AsString() is not { } signature) return false;
        var signed = new ArrayBufferWriter<byte>();
        var separator = "{"u8;
        foreach (var (name, value) in envelope.Members)
        {
            if (name.StringEquals("signature"u8)) continue;
            signed.Write(separator);
            signed.Write(name.Raw);
            signed.Write(":"u8);
            value.WriteTo(signed);
            separator = ","u8;
        }

        signed.Write("}"u8);
        return AuditSigningKey.Verify(publicKey, signed.WrittenSpan, Convert.FromBase64String(signature));
    }
}
