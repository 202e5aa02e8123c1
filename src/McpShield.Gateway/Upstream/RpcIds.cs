using System.Buffers.Text;
using System.Text.Json;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>Ids of our own requests to upstreams: whole numbers, unique a connection.</summary>
internal static class RpcIds
{
    public static bool TryRead(JsonView id, out long value)
    {
        value = 0;
        return id.Kind is JsonKind.Number && Utf8Parser.TryParse(id.Raw, out value, out var consumed) && consumed == id.Raw.Length;
    }

    /// <summary>The id of an answer that the strict reader refused, so that its call ends now instead of at its time limit.</summary>
    public static bool TryFindInRefused(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 1_000 });
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType is not JsonTokenType.PropertyName || !reader.ValueTextEquals("id"u8)) continue;
                return reader.Read() && reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out value);
            }
        }
        catch (JsonException)
        {
            // Not JSON at all: then it answers nothing.
        }

        return false;
    }
}
