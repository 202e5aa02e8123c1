using System.Buffers;
using McpShield.Audit;
using McpShield.Gateway.Protocol;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Enforcement;

/// <summary>An upstream's answer on its way back: rewritten from the validated tree, in the agent's era.</summary>
internal static class Answers
{
    public static (RpcReply Reply, CallStatus Status, long Bytes) Pass(JsonView id, UpstreamAnswer answer, bool modern)
    {
        if (answer.Error.Exists) return (RpcReply.UpstreamError(id, answer.Error), CallStatus.ProtocolError, answer.Error.Raw.Length);

        var reply = RpcReply.Result(id, (answer.Result, modern), static (output, state) => Write(output, state.Result, state.modern));
        var status = answer.Result["isError"u8].Kind is JsonKind.True ? CallStatus.ToolError : CallStatus.Succeeded;
        return (reply, status, answer.Result.Raw.Length);
    }

    // SPEC: 2026-07-28: every result says its type. The servers behind us do not know the member; what they put there is theirs to
    // say to nobody.
    private static void Write(PooledBuffer output, JsonView result, bool modern)
    {
        output.Write("{"u8);
        var first = true;
        if (modern)
        {
            output.Write("\"resultType\":\"complete\""u8);
            first = false;
        }

        foreach (var (name, value) in result.Members)
        {
            if (name.StringEquals("resultType"u8)) continue;
            if (!first) output.Write(","u8);
            first = false;
            output.Write(name.Raw);
            output.Write(":"u8);
            value.WriteTo(output);
        }

        output.Write("}"u8);
    }
}
