using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Policy.Json;

/// <summary>The one form of a JSON value that is hashed, measured and approved.</summary>
/// <remarks>
/// SPEC: RFC 8785 (JCS) for the order of names and the text of strings. Numbers keep their own decimal text instead of passing
/// through a double, so that two different numbers never hash alike (policy language, section 3).
/// </remarks>
public static class CanonicalJson
{
    /// <summary>Writes <paramref name="value"/> in canonical form.</summary>
    public static void Write(JsonView value, IBufferWriter<byte> output)
    {
        switch (value.Kind)
        {
            case JsonKind.Undefined:
                throw new ArgumentException("there is no value to write", nameof(value));

            case JsonKind.Object:
                WriteObject(value, output);
                break;

            case JsonKind.Array:
                var first = true;
                output.Write("["u8);
                foreach (var item in value.Items)
                {
                    if (!first) output.Write(","u8);
                    first = false;
                    Write(item, output);
                }

                output.Write("]"u8);
                break;

            case JsonKind.String:
                WriteString(value.GetString(), output);
                break;

            default:
                output.Write(value.Raw);
                break;
        }
    }

    /// <summary>The canonical text.</summary>
    public static byte[] ToBytes(JsonView value)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(value.Raw.Length, 16));
        Write(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>How many bytes the canonical text has; nothing is written for it where no string holds an escape.</summary>
    internal static int Measure(JsonView value)
    {
        if (value.Kind is JsonKind.Array or JsonKind.Object)
        {
            // The brackets, and a comma between each two; in an object a colon for each member.
            var size = "[]".Length + Math.Max(value.Count - 1, 0);
            foreach (var item in value.Items) size += Measure(item);
            foreach (var member in value.Members) size += Measure(member.Name) + ":".Length + Measure(member.Value);
            return size;
        }

        // What JSON lets stand in a string without an escape, RFC 8785 leaves as it is.
        return value.Kind is JsonKind.String && !value.TryGetUnescaped(out _) ? ToBytes(value).Length : value.Raw.Length;
    }

    /// <summary>SHA-256 of the canonical text.</summary>
    public static byte[] Sha256(JsonView value) => SHA256.HashData(ToBytes(value));

    /// <summary>Writes a string the way RFC 8785 section 3.2.2.2 asks: only quote, backslash and control characters escaped, the short escapes where they exist.</summary>
    public static void WriteString(string text, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var special = rest.IndexOfAny(MustEscape);
            var plain = special < 0 ? rest : rest[..special];
            if (!plain.IsEmpty) Encoding.UTF8.GetBytes(plain, output);
            if (special < 0) break;
            output.Write(Escape(rest[special]));
            rest = rest[(special + 1)..];
        }

        output.Write("\""u8);
    }

    private static readonly SearchValues<char> MustEscape = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 0x20).Select(code => ((char)code).ToString())) + "\"\\");

    private static ReadOnlySpan<byte> Escape(char character) => character switch
    {
        '"' => "\\\""u8,
        '\\' => "\\\\"u8,
        '\b' => "\\b"u8,
        '\f' => "\\f"u8,
        '\n' => "\\n"u8,
        '\r' => "\\r"u8,
        '\t' => "\\t"u8,
        _ => Encoding.ASCII.GetBytes($"\\u{(int)character:x4}"),
    };

    private static void WriteObject(JsonView value, IBufferWriter<byte> output)
    {
        var members = new List<(string Name, JsonView Value)>(value.Count);
        foreach (var member in value.Members) members.Add((member.Name.GetString(), member.Value));
        members.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name)); // UTF-16 code units, as RFC 8785 says

        var first = true;
        output.Write("{"u8);
        foreach (var (name, member) in members)
        {
            if (!first) output.Write(","u8);
            first = false;
            WriteString(name, output);
            output.Write(":"u8);
            Write(member, output);
        }

        output.Write("}"u8);
    }
}
