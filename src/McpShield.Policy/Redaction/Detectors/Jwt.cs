using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace McpShield.Policy.Redaction.Detectors;

/// <summary>JSON Web Tokens, signed or encrypted: parts in base64url, of which the first is a JSON object with `alg`.</summary>
// SPEC: RFC 7515 section 3.1, RFC 7516 section 3.1.
internal static class Jwt
{
    private const int MaxHeader = 16 * 1024;

    /// <summary>`{` and what may follow it, in base64url: a quote, a space, a line's end, a tab.</summary>
    public static readonly string[] Cues = ["eyJ", "eyA", "ewo", "ew0", "ewk"];

    private static readonly SearchValues<string> Openings = SearchValues.Create(Cues, StringComparison.Ordinal);

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var from = 0; text[from..].IndexOfAny(Openings) is >= 0 and var offset;)
        {
            var start = from + offset;
            from = start + 3;
            if (start > 0 && TokenShape.Word.Contains(text[start - 1])) continue;
            var header = PartEnd(text, start);
            from = header;
            if (header >= text.Length || text[header] != '.') continue;
            var end = PartEnd(text, header + 1);
            if (end == header + 1 || end >= text.Length || text[end] != '.' || !IsHeader(text[start..header])) continue;
            end = PartEnd(text, end + 1);
            for (var more = 0; more < 2 && end < text.Length && text[end] == '.' && PartEnd(text, end + 1) is var next && next > end + 1; more++) end = next;
            found.Add(start, end);
            from = end;
        }
    }

    private static int PartEnd(ReadOnlySpan<char> text, int start)
    {
        var length = text[start..].IndexOfAnyExcept(TokenShape.Word);
        return length < 0 ? text.Length : start + length;
    }

    private static bool IsHeader(ReadOnlySpan<char> part)
    {
        if (part.Length > MaxHeader || part.Length % 4 == 1) return false;
        var bytes = new byte[part.Length];
        if (Base64Url.DecodeFromChars(part, bytes, out _, out var count) != OperationStatus.Done) return false;
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(0, count));
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject) return false;
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("alg"u8)) return reader.Read() && reader.TokenType is JsonTokenType.String;
            }

            return false;
        }
        catch (Exception invalid) when (invalid is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            return false;
        }
    }
}
