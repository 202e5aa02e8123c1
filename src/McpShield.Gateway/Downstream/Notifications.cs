using System.Buffers;
using System.Text;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Downstream;

/// <summary>The notifications that agents get from us.</summary>
internal static class Notifications
{
    public static byte[] ToolsChanged { get; } = """{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"""u8.ToArray();

    /// <summary>An upstream's progress under the token that the agent chose.</summary>
    public static byte[] Progress(ReadOnlySpan<byte> token, JsonView parameters, bool withText)
    {
        using var output = new PooledBuffer();
        output.Write("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"u8);
        output.Write(token);
        foreach (var (name, value) in parameters.Members)
        {
            // What the protocol names, and nothing that an upstream adds.
            if (!name.StringEquals("progress"u8) && !name.StringEquals("total"u8) && !(withText && name.StringEquals("message"u8))) continue;
            output.Write(","u8);
            output.Write(name.Raw);
            output.Write(":"u8);
            value.WriteTo(output);
        }

        output.Write("}}"u8);
        return output.Written.ToArray();
    }

    // SPEC: 2026-07-28, subscriptions: acknowledged first, every message names the subscription by its request id.
    public static byte[] Acknowledged(JsonView id) => Subscribed(id, "notifications/subscriptions/acknowledged", "\"notifications\":{\"toolsListChanged\":true},");

    public static byte[] ToolsChangedOn(JsonView id) => Subscribed(id, "notifications/tools/list_changed", "");

    private static byte[] Subscribed(JsonView id, string method, string members)
    {
        var start = $$$"""{"jsonrpc":"2.0","method":"{{{method}}}","params":{{{{members}}}"_meta":{"io.modelcontextprotocol/subscriptionId":""";
        return [.. Encoding.UTF8.GetBytes(start), .. id.Raw, .. "}}}"u8];
    }
}
