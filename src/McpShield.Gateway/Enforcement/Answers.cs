using System.Buffers;
using System.Text;
using McpShield.Audit;
using McpShield.Gateway.Protocol;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Enforcement;

/// <summary>An upstream's answer on its way back: rewritten from the validated tree, in the agent's era.</summary>
internal static class Answers
{
    /// <summary>The upstream's answer as a reply.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="answer">What the upstream said.</param>
    /// <param name="modern">Whether the agent speaks the stateless era.</param>
    /// <param name="handle">The conversation that the client should name next time; <c>null</c>: none.</param>
    public static (RpcReply Reply, CallStatus Status, long Bytes) Pass(JsonView id, UpstreamAnswer answer, bool modern, string? handle)
    {
        if (answer.Error.Exists) return (RpcReply.UpstreamError(id, answer.Error), CallStatus.ProtocolError, answer.Error.Raw.Length);

        var reply = RpcReply.Result(id, (answer.Result, modern, handle), static (output, state) => Write(output, state.Result, state.modern, state.handle));
        var status = answer.Result["isError"u8].Kind is JsonKind.True ? CallStatus.ToolError : CallStatus.Succeeded;
        return (reply, status, answer.Result.Raw.Length);
    }

    // THREAT: a question in place of an answer, past `server_requests`: 2026-07-28 has `input_required`, 2025-11-25 the error -32042.
    public static bool AreQuestion(UpstreamAnswer answer) =>
        answer.Error["code"u8].Raw.SequenceEqual("-32042"u8)
        || answer.Result["inputRequests"u8].Exists
        || (answer.Result["resultType"u8].Exists && !answer.Result["resultType"u8].StringEquals("complete"u8));

    // SPEC: 2026-07-28: every result says its type. The servers behind us do not know the member; what they put there is theirs to
    // say to nobody.
    private static void Write(PooledBuffer output, JsonView result, bool modern, string? handle)
    {
        output.Write("{"u8);
        var first = true;
        if (modern)
        {
            output.Write("\"resultType\":\"complete\""u8);
            first = false;
            if (handle is not null) WriteMeta(output, result["_meta"u8], handle);
        }

        foreach (var (name, value) in result.Members)
        {
            if (name.StringEquals("resultType"u8) || (modern && handle is not null && name.StringEquals("_meta"u8))) continue;
            if (!first) output.Write(","u8);
            first = false;
            output.Write(name.Raw);
            output.Write(":"u8);
            value.WriteTo(output);
        }

        output.Write("}"u8);
    }

    private static void WriteMeta(PooledBuffer output, JsonView meta, string handle)
    {
        Encoding.UTF8.GetBytes($",\"_meta\":{{\"{Conversation.MetaName}\":\"{handle}\"", output);
        foreach (var (name, value) in meta.Members)
        {
            // THREAT: a server that says it is our handle would choose the client's session.
            if (name.StringEquals("io.mcpshield/conversation"u8)) continue;
            output.Write(","u8);
            output.Write(name.Raw);
            output.Write(":"u8);
            value.WriteTo(output);
        }

        output.Write("}"u8);
    }
}
