using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using McpShield.Data.Secrets;

namespace McpShield.Data.Ephemeral;

/// <summary>
/// A response as it is kept. THREAT: a response may show a secret that is shown once, such as a new API key. It is sealed under the
/// idempotency key, which the store knows by its digest only.
/// </summary>
internal static class SealedResponse
{
    private const string Seals = "mcpshield idempotent response";

    public static byte[] Seal(string caller, string key, StoredResponse response) =>
        SealedBox.Seal(Secret(caller, key), Seals, JsonSerializer.SerializeToUtf8Bytes(new ResponseText(response.Status, response.Headers, response.Body.ToArray()), ResponseJson.Default.ResponseText));

    public static StoredResponse? TryOpen(string caller, string key, ReadOnlySpan<byte> box)
    {
        if (SealedBox.TryOpen(Secret(caller, key), Seals, box) is not { } plain) return null;
        var text = JsonSerializer.Deserialize(plain, ResponseJson.Default.ResponseText)!;
        return new(text.Status, text.Headers.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase), text.Body);
    }

    private static byte[] Secret(string caller, string key) => Encoding.UTF8.GetBytes($"{caller.Length}:{caller}:{key}");
}

internal sealed record ResponseText(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

[JsonSerializable(typeof(ResponseText))]
internal sealed partial class ResponseJson : JsonSerializerContext;
