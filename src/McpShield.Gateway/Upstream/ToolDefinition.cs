using System.Buffers;
using System.Text;
using McpShield.Policy.Json;
using McpShield.Policy.Schemas;

namespace McpShield.Gateway.Upstream;

/// <summary>A tool as its server defined it, under the names that policies and agents use.</summary>
/// <param name="Server">The server id.</param>
/// <param name="Name">The server's own name for it.</param>
/// <param name="Pin">SHA-256 of the canonical definition, as hexadecimal digits.</param>
/// <param name="Json">The definition as the server gave it, compact, without its name: <c>"description":…,"inputSchema":…</c>.</param>
/// <param name="Schema">What its arguments must fit.</param>
internal sealed record ToolDefinition(string Server, string Name, string Pin, ReadOnlyMemory<byte> Json, InputSchema Schema)
{
    /// <summary>What policies and audits call it.</summary>
    public string QualifiedName { get; } = $"{Server}.{Name}";

    /// <summary>Reads one entry of a server's <c>tools/list</c>; <c>null</c> when it is not a tool definition.</summary>
    public static ToolDefinition? Read(string server, JsonView tool)
    {
        if (tool["name"u8].AsString() is not { Length: > 0 } name || tool["inputSchema"u8].Kind is not JsonKind.Object) return null;

        var json = new ArrayBufferWriter<byte>();
        foreach (var (key, value) in tool.Members)
        {
            // `execution` announces task support, which the gateway does not offer.
            if (key.StringEquals("name"u8) || key.StringEquals("execution"u8)) continue;
            json.Write(","u8);
            json.Write(key.Raw);
            json.Write(":"u8);
            value.WriteTo(json);
        }

        return new(server, name, Convert.ToHexStringLower(CanonicalJson.Sha256(tool)), json.WrittenMemory, InputSchema.Read(tool["inputSchema"u8]));
    }

    /// <summary>Writes the definition under the name that agents use.</summary>
    public void WriteTo(IBufferWriter<byte> output, string agentName)
    {
        output.Write("{\"name\":\""u8);
        Encoding.UTF8.GetBytes(agentName, output); // [A-Za-z0-9_-] only
        output.Write("\""u8);
        output.Write(Json.Span);
        output.Write("}"u8);
    }
}
