using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;

namespace McpShield.Server.Features.Keys;

/// <summary>What to paste into a client so that it comes through the gateway.</summary>
internal static class ClientEntries
{
    // Read by people, who compare it with what they have: text stays as it is.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static ClientEntry Of(string url, string key) => new(
        url,
        $"claude mcp add --transport http mcpshield {url} --header \"X-API-Key: {key}\"",
        new JsonObject { ["mcpServers"] = new JsonObject { ["mcpshield"] = new JsonObject { ["url"] = url, ["headers"] = new JsonObject { ["X-API-Key"] = key } } } }.ToJsonString(Indented),
        // VS Code asks for the key itself and keeps it apart from the file, which may be shared.
        new JsonObject
        {
            ["inputs"] = new JsonArray(new JsonObject { ["type"] = "promptString", ["id"] = "mcpshield-key", ["description"] = "MCPShield key", ["password"] = true }),
            ["servers"] = new JsonObject { ["mcpshield"] = new JsonObject { ["type"] = "http", ["url"] = url, ["headers"] = new JsonObject { ["X-API-Key"] = "${input:mcpshield-key}" } } },
        }.ToJsonString(Indented));
}
