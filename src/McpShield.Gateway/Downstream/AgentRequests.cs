using System.Buffers;
using System.Text;
using McpShield.Gateway.Asking;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;
using McpShield.Policy.Sessions;

namespace McpShield.Gateway.Downstream;

/// <summary>Answers requests alike for every front: what differs between fronts is framing, sessions and streams.</summary>
internal static class AgentRequests
{
    private const int ListingTtlMilliseconds = 5_000;

    /// <summary>Carries out a request of the method table. Opening and listening belong to the fronts.</summary>
    public static async Task<RpcReply> HandleAsync(Agent agent, RpcMessage message, Exchange exchange, IAgentStream? stream, CancellationToken ct)
    {
        var operation = McpMethods.Find(message, exchange.IsModern);
        switch (operation)
        {
            case McpOperation.Ping:
                return RpcReply.Result(message.Id, "{}"u8);

            case McpOperation.Discover:
                return Discover(agent, message.Id);

            case McpOperation.ListTools:
                return await ListToolsAsync(agent, message, exchange, ct);

            case McpOperation.CallTool:
                var progress = ProgressRelay.For(message, stream);
                return await agent.Project.Pipeline.HandleAsync(new(agent, message, exchange, progress, stream), ct);

            default:
                var reply = RpcReply.Error(message.Id, RpcError.MethodNotFound);
                return await agent.Project.Pipeline.RefuseMessageAsync(agent, exchange, message.Method, "the method is not one that the gateway passes", reply, ct);
        }
    }

    /// <summary>The answer to <c>initialize</c>, and what was agreed on.</summary>
    public static (RpcReply Reply, Exchange Exchange) Initialize(Agent agent, RpcMessage message)
    {
        var revision = McpRevisions.Negotiate(message.Params["protocolVersion"u8].AsString());
        var client = ClientName(message.Params["clientInfo"u8]);
        var reply = RpcReply.Result(message.Id, (agent, revision), static (output, state) =>
        {
            Write(output, $$$"""{"protocolVersion":"{{{state.revision}}}","capabilities":{"tools":{"listChanged":true}},"serverInfo":""");
            WriteServerInfo(output, state.agent);
            Write(output, ",\"instructions\":");
            CanonicalJson.WriteString(Instructions(state.agent), output);
            Write(output, "}");
        });
        return (reply, new(revision, client, Session.OfTransport(), AskableAgent.For(message.Params["capabilities"u8])));
    }

    /// <summary>Name and version as the client reports them, cut to a length that a record can hold.</summary>
    public static string? ClientName(JsonView clientInfo)
    {
        if (clientInfo["name"u8].AsString() is not { } name) return null;
        var client = clientInfo["version"u8].AsString() is { } version ? $"{name} {version}" : name;
        return client.Length <= 128 ? client : client[..128];
    }

    private static RpcReply Discover(Agent agent, JsonView id) => RpcReply.Result(id, agent, static (output, agent) =>
    {
        var versions = string.Join(',', McpRevisions.Stateless.Select(static version => $"\"{version}\""));
        Write(output, $$$"""{"resultType":"complete","supportedVersions":[{{{versions}}}],"capabilities":{"tools":{"listChanged":true}},"ttlMs":60000,"cacheScope":"private","serverInfo":""");
        WriteServerInfo(output, agent);
        Write(output, ",\"instructions\":");
        CanonicalJson.WriteString(Instructions(agent), output);
        WriteMeta(output, agent);
        Write(output, "}");
    });

    private static async Task<RpcReply> ListToolsAsync(Agent agent, RpcMessage message, Exchange exchange, CancellationToken ct)
    {
        // The list fits one page, so no cursor of ours exists; one that an agent brings is somebody else's.
        if (message.Params["cursor"u8].Exists) return RpcReply.Error(message.Id, RpcError.InvalidParams("unknown cursor"));

        var tools = await agent.Project.ListingAsync(ct);
        return RpcReply.Result(message.Id, (tools, agent, exchange.IsModern), static (output, state) =>
        {
            Write(output, "{\"tools\":");
            output.Write(state.tools);
            if (state.IsModern)
            {
                // Filtered for this principal, so no cache may share it.
                Write(output, $$""","resultType":"complete","ttlMs":{{ListingTtlMilliseconds}},"cacheScope":"private" """.TrimEnd());
                WriteMeta(output, state.agent);
            }

            Write(output, "}");
        });
    }

    private static string Instructions(Agent agent) =>
        $"Tools of project \"{agent.Project.Identity.Name}\" behind MCPShield. A policy decides every call and each decision is recorded; "
        + "a denied call says which rule denied it and why, and repeating it unchanged will not help.";

    private static void WriteMeta(PooledBuffer output, Agent agent)
    {
        Write(output, ",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":");
        WriteServerInfo(output, agent);
        Write(output, "}");
    }

    private static void WriteServerInfo(PooledBuffer output, Agent agent) =>
        Write(output, $$"""{"name":"mcpshield","title":"MCPShield","version":"{{agent.Project.Services.Version}}"}""");

    private static void Write(PooledBuffer output, string json) => Encoding.UTF8.GetBytes(json, output);
}
