using System.Text.Json.Serialization;

namespace McpShield.Web.Components;

[JsonSerializable(typeof(string))]
internal sealed partial class PlainJson : JsonSerializerContext
{
    public static System.Text.Json.Serialization.Metadata.JsonTypeInfo<string> Text => Default.String;
}
