using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpShield.Cli;

/// <summary>JSON for machines, one document a line.</summary>
internal static class JsonText
{
    // Read by programs, not by a web page: text stays as it is.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options)) write(json);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
