using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpShield.Web.Components;

/// <summary>JSON for reading: as it is, with lines. It is only ever shown as text, so nothing needs more escaping than JSON's own.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Lines = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Indented(JsonElement json)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Lines)) json.WriteTo(writer);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
