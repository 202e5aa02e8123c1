using System.Globalization;
using McpShield.Policy.Json;

namespace McpShield.Audit;

/// <summary>A record read back from where it was kept.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">Its place there.</param>
/// <param name="Kind">What it says it is.</param>
/// <param name="Envelope">Its bytes as kept.</param>
/// <param name="Link">The chain as kept.</param>
/// <param name="Salt">The payload's salt; empty when there never was one, or it was erased.</param>
/// <param name="Payload">The payload; <c>null</c> when there never was one, or it was erased.</param>
public sealed record KeptRecord(Guid Stream, long Seq, string Kind, byte[] Envelope, byte[] Link, byte[] Salt, byte[]? Payload)
{
    private static readonly JsonLimits Limits = new(4 * 1024 * 1024, 64, 50_000);

    /// <summary>Reads what an envelope says of itself; <c>null</c> when it is not one.</summary>
    public static KeptRecord? TryRead(byte[] envelope, byte[] link, byte[] salt, byte[]? payload)
    {
        if (!JsonTree.TryRead(envelope, Limits, out var tree, out _)) return null;
        using (tree)
        {
            var root = tree!.Root;
            return Guid.TryParseExact(root["stream"u8].AsString(), "D", out var stream)
                && long.TryParse(System.Text.Encoding.ASCII.GetString(root["seq"u8].Raw), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
                && root["kind"u8].AsString() is { } kind
                    ? new(stream, seq, kind, envelope, link, salt, payload)
                    : null;
        }
    }
}
