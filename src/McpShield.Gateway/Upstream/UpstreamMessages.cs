using System.Buffers;
using System.Globalization;
using System.Text;
using McpShield.Gateway.Asking;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Upstream;

/// <summary>What the gateway says to MCP servers. Written from what was decided, member by member: nothing else is passed on.</summary>
internal static class UpstreamMessages
{
    // A server is told only what it may ask for: what is not announced it has nothing to ask with.
    public static void Initialize(IBufferWriter<byte> output, long id, string gatewayVersion, AgentAbilities abilities) => Write(
        output,
        $$$$"""{"jsonrpc":"2.0","id":{{{{Text(id)}}}},"method":"initialize","params":{"protocolVersion":"{{{{McpRevisions.NewestLegacy}}}}","capabilities":{{{{abilities.ToJson()}}}},"clientInfo":{"name":"mcpshield","title":"MCPShield","version":"{{{{gatewayVersion}}}}"}}}""");

    public static byte[] Initialized { get; } = """{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray();

    public static void ListTools(IBufferWriter<byte> output, long id, string? cursor)
    {
        Write(output, $$"""{"jsonrpc":"2.0","id":{{Text(id)}},"method":"tools/list","params":{""");
        if (cursor is not null)
        {
            Write(output, "\"cursor\":");
            CanonicalJson.WriteString(cursor, output);
        }

        Write(output, "}}");
    }

    /// <summary>The call as it was decided. The agent's own <c>_meta</c> stays here: no policy looked at it.</summary>
    public static void CallTool(IBufferWriter<byte> output, long id, string tool, JsonView arguments, bool wantsProgress)
    {
        Write(output, $$"""{"jsonrpc":"2.0","id":{{Text(id)}},"method":"tools/call","params":{"name":""");
        CanonicalJson.WriteString(tool, output);
        Write(output, ",\"arguments\":");
        if (arguments.Kind is JsonKind.Object) arguments.WriteTo(output);
        else Write(output, "{}");
        if (wantsProgress) Write(output, $$""","_meta":{"progressToken":{{Text(id)}}}""");
        Write(output, "}}");
    }

    public static byte[] Cancelled(long id, string reason) => Encoding.UTF8.GetBytes(
        $$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{Text(id)}}},"reason":"{{{reason}}}"}}""");

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static void Write(IBufferWriter<byte> output, string json) => Encoding.UTF8.GetBytes(json, output);
}
