using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Audit;

/// <summary>Names of events that clients tell us of, so that one told twice is kept once.</summary>
public static class ReportedEvents
{
    /// <summary>The call id of a project's event: always the same for one <paramref name="eventId"/>, and never another project's.</summary>
    /// <remarks>SPEC: RFC 9562, section 5.8 (UUID v8).</remarks>
    public static Guid CallId(Guid project, string eventId)
    {
        var text = Encoding.UTF8.GetByteCount(eventId);
        var input = new byte[16 + text];
        project.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(eventId, input.AsSpan(16));
        var bytes = SHA256.HashData(input).AsSpan(0, 16);
        var versioned = (ushort)((BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x0FFF) | 0x8000);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], versioned);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes, bigEndian: true);
    }
}
