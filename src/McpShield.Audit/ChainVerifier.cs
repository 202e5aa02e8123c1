using System.Buffers;
using McpShield.Policy.Json;

namespace McpShield.Audit;

/// <summary>What is wrong with a stream, and where it begins.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">The first record that does not hold.</param>
/// <param name="Problem">For people.</param>
public sealed record ChainFault(Guid Stream, long Seq, string Problem);

/// <summary>Recomputes a stream from its envelopes. Pure: reads what it is given, in order.</summary>
public static class ChainVerifier
{
    /// <summary>The first fault, or <c>null</c> when the stream holds. An erased payload is no fault; a changed one is.</summary>
    public static ChainFault? Verify(IEnumerable<KeptRecord> records)
    {
        var (link, expected) = (Chain.Beginning.ToArray(), 1L);
        byte[]? publicKey = null;
        foreach (var record in records)
        {
            if (record.Seq != expected) return new(record.Stream, expected, record.Seq > expected ? "records are missing" : "a record stands twice or out of order");
            link = Chain.Link(link, Chain.Leaf(record.Envelope));
            if (!link.AsSpan().SequenceEqual(record.Link)) return new(record.Stream, record.Seq, "the record does not fit the chain");
            if (Check(record, ref publicKey) is { } problem) return new(record.Stream, record.Seq, problem);
            expected++;
        }

        return null;
    }

    private static string? Check(KeptRecord record, ref byte[]? publicKey)
    {
        if (!JsonTree.TryRead(record.Envelope, new(4 * 1024 * 1024, 64, 50_000), out var tree, out _)) return "the envelope is not JSON";
        using (tree)
        {
            var root = tree!.Root;
            if (record.Seq == 1)
            {
                if (record.Kind != "opened" || root["public_key"u8].AsString() is not { } encoded) return "the stream was not opened by a signed record";
                publicKey = Convert.FromBase64String(encoded);
            }

            if (record.Kind is "opened" or "sealed" && !IsSigned(root, publicKey!)) return "the signature does not hold";
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
