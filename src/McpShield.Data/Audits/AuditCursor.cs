using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Data.Audits;

/// <summary>A place in the order of entries.</summary>
internal readonly record struct EntryPosition(long TimeUs, Guid Stream, long Seq);

/// <summary>A position as a page's reader carries it. It opens nothing: every page is read within the scope of whoever asks.</summary>
internal static class AuditCursor
{
    private const byte Version = 1;
    private const int Length = 1 + 8 + 16 + 8 + 8;

    public static string Write(EntryPosition position, AuditQuery query)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], position.TimeUs);
        position.Stream.TryWriteBytes(bytes[9..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[25..], position.Seq);
        Filters(query).CopyTo(bytes[33..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The position, or <c>null</c> when the text is no cursor, or one of a list with other filters.</summary>
    public static EntryPosition? Read(string text, AuditQuery query)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != Length) return null;
        if (bytes[0] != Version || !bytes[33..].SequenceEqual(Filters(query))) return null;
        var position = new EntryPosition(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), new(bytes[9..25], bigEndian: true), BinaryPrimitives.ReadInt64BigEndian(bytes[25..]));
        return position.Seq > 0 && position.TimeUs < long.MaxValue ? position : null;
    }

    private static ReadOnlySpan<byte> Filters(AuditQuery query)
    {
        var text = string.Join('\0', Ids(query.Scope.Organizations), Ids(query.Scope.Projects), query.From?.UtcTicks, query.To?.UtcTicks, query.Decision, query.Tool, query.Rule, query.KeyId, query.Agent, query.Kind, query.Source, query.Text);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8);
    }

    private static string Ids(IEnumerable<Guid>? ids) => ids is null ? "*" : string.Join(',', ids.Order());
}
