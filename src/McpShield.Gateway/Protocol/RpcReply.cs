using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Protocol;

/// <summary>One answer on its way to an agent: the bytes of a JSON-RPC response, and the HTTP status for fronts that have one.</summary>
internal sealed class RpcReply : IDisposable
{
    private readonly PooledBuffer buffer;

    private RpcReply(PooledBuffer buffer, HttpStatusCode status)
    {
        this.buffer = buffer;
        Status = status;
    }

    public ReadOnlyMemory<byte> Json => buffer.Written;

    public HttpStatusCode Status { get; }

    /// <summary>A result whose object is written by <paramref name="write"/>.</summary>
    public static RpcReply Result<TState>(JsonView id, TState state, Action<PooledBuffer, TState> write)
    {
        var buffer = Begin(id);
        buffer.Write(",\"result\":"u8);
        write(buffer, state);
        buffer.Write("}"u8);
        return new(buffer, HttpStatusCode.OK);
    }

    public static RpcReply Result(JsonView id, ReadOnlySpan<byte> resultJson)
    {
        var buffer = Begin(id);
        buffer.Write(",\"result\":"u8);
        buffer.Write(resultJson);
        buffer.Write("}"u8);
        return new(buffer, HttpStatusCode.OK);
    }

    public static RpcReply Error(JsonView id, RpcError error)
    {
        var buffer = Begin(id);
        buffer.Write(",\"error\":{\"code\":"u8);
        Encoding.UTF8.GetBytes(error.Code.ToString(CultureInfo.InvariantCulture), buffer);
        buffer.Write(",\"message\":"u8);
        CanonicalJson.WriteString(error.Message, buffer);
        if (error.DataJson is not null)
        {
            buffer.Write(",\"data\":"u8);
            Encoding.UTF8.GetBytes(error.DataJson, buffer);
        }

        buffer.Write("}}"u8);
        return new(buffer, error.Status);
    }

    /// <summary>An error that an upstream answered with, passed on as it came.</summary>
    public static RpcReply UpstreamError(JsonView id, JsonView error)
    {
        var buffer = Begin(id);
        buffer.Write(",\"error\":"u8);
        error.WriteTo(buffer);
        buffer.Write("}"u8);
        return new(buffer, HttpStatusCode.OK);
    }

    /// <summary>A tool result that says no: the model reads the reason and can act on it.</summary>
    public static RpcReply ToolError(JsonView id, string text, bool modern, string? metaJson = null) => Result(id, (text, modern, metaJson), static (buffer, state) =>
    {
        buffer.Write("{"u8);
        if (state.modern) buffer.Write("\"resultType\":\"complete\","u8);
        if (state.metaJson is not null)
        {
            buffer.Write("\"_meta\":"u8);
            Encoding.UTF8.GetBytes(state.metaJson, buffer);
            buffer.Write(","u8);
        }

        buffer.Write("\"content\":[{\"type\":\"text\",\"text\":"u8);
        CanonicalJson.WriteString(state.text, buffer);
        buffer.Write("}],\"isError\":true}"u8);
    });

    public void Dispose() => buffer.Dispose();

    private static PooledBuffer Begin(JsonView id)
    {
        var buffer = new PooledBuffer();
        buffer.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        if (id.Exists) buffer.Write(id.Raw);
        else buffer.Write("null"u8);
        return buffer;
    }
}
