using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpShield.Web.Components;

/// <summary>JSON for reading: as it is, with lines. It is only ever shown as text, so nothing needs more escaping than JSON's own.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Lines = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Indented(JsonElement json) => JsonSerializer.Serialize(json, Lines);
}
