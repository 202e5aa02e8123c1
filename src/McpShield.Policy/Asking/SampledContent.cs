using System.Buffers;
using McpShield.Policy.Json;

namespace McpShield.Policy.Asking;

/// <summary>One piece of a sampled conversation: text, image or audio.</summary>
internal static class SampledContent
{
    public static bool IsKnown(JsonView content) => content["type"u8].AsString() switch
    {
        "text" => content["text"u8].Kind is JsonKind.String,
        "image" or "audio" => content["data"u8].Kind is JsonKind.String && content["mimeType"u8].Kind is JsonKind.String,
        _ => false,
    };

    /// <summary>Writes what is known of it and nothing else.</summary>
    public static void Write(JsonView content, IBufferWriter<byte> output)
    {
        output.Write("{\"type\":"u8);
        output.Write(content["type"u8].Raw);
        foreach (var (name, value) in content.Members)
        {
            if (value.Kind is not JsonKind.String || !(name.StringEquals("text"u8) || name.StringEquals("data"u8) || name.StringEquals("mimeType"u8))) continue;
            output.Write(","u8);
            output.Write(name.Raw);
            output.Write(":"u8);
            output.Write(value.Raw);
        }

        output.Write("}"u8);
    }
}
