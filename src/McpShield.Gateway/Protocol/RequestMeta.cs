using McpShield.Policy.Json;

namespace McpShield.Gateway.Protocol;

/// <summary>The metadata that every request of the stateless era carries.</summary>
internal static class RequestMeta
{
    /// <summary>What is wrong with it, or <c>null</c>. SPEC: 2026-07-28, basic: version and client capabilities are required.</summary>
    public static RpcError? Problem(JsonView meta)
    {
        if (meta["io.modelcontextprotocol/protocolVersion"u8].AsString() is not { } revision)
        {
            return RpcError.InvalidParams("_meta must name io.modelcontextprotocol/protocolVersion");
        }

        if (!McpRevisions.IsModern(revision)) return RpcError.UnsupportedVersion(revision.Length <= 64 ? revision : revision[..64]);
        return meta["io.modelcontextprotocol/clientCapabilities"u8].Kind is JsonKind.Object
            ? null
            : RpcError.InvalidParams("_meta must hold io.modelcontextprotocol/clientCapabilities, an object");
    }
}
