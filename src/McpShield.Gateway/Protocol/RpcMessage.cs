using McpShield.Policy.Json;

namespace McpShield.Gateway.Protocol;

internal enum RpcKind
{
    Request,
    Notification,
    Response,
}

/// <summary>A JSON-RPC message whose envelope holds exactly what the protocol names, seen through the one strict parse.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The request's id, a string or an integer; no value for a notification.</param>
/// <param name="Method">The method; empty for a response.</param>
/// <param name="Params">The parameters, an object or no value; for a response its <c>result</c> or <c>error</c>.</param>
/// <param name="IsError">A response that is an error.</param>
internal readonly record struct RpcMessage(RpcKind Kind, JsonView Id, string Method, JsonView Params, bool IsError = false)
{
    public JsonView Meta => Params["_meta"u8];

    public static bool TryParse(JsonView root, out RpcMessage message, out RpcError? error)
    {
        message = default;
        if (root.Kind is JsonKind.Array)
        {
            // THREAT: a batch hides calls from whoever looks at the first one. SPEC: removed in 2025-06-18.
            error = RpcError.InvalidRequest("batches are not supported; send one message a request");
            return false;
        }

        if (root.Kind is not JsonKind.Object)
        {
            error = RpcError.InvalidRequest("a message is an object");
            return false;
        }

        JsonView version = default, id = default, method = default, parameters = default, result = default, fault = default;
        foreach (var (name, value) in root.Members)
        {
            if (name.StringEquals("jsonrpc"u8)) version = value;
            else if (name.StringEquals("id"u8)) id = value;
            else if (name.StringEquals("method"u8)) method = value;
            else if (name.StringEquals("params"u8)) parameters = value;
            else if (name.StringEquals("result"u8)) result = value;
            else if (name.StringEquals("error"u8)) fault = value;
            else
            {
                error = RpcError.InvalidRequest("an envelope holds only jsonrpc, id, method and params");
                return false;
            }
        }

        error = Check(version, id, method, parameters, result, fault);
        if (error is not null) return false;

        message = method.Exists
            ? new(id.Exists ? RpcKind.Request : RpcKind.Notification, id, method.GetString(), parameters)
            : new(RpcKind.Response, id, "", result.Exists ? result : fault, fault.Exists);
        return true;
    }

    private static RpcError? Check(JsonView version, JsonView id, JsonView method, JsonView parameters, JsonView result, JsonView fault)
    {
        if (!version.StringEquals("2.0"u8)) return RpcError.InvalidRequest("jsonrpc must be \"2.0\"");
        if (id.Exists && !IsId(id)) return RpcError.InvalidRequest("id must be a string or an integer");

        if (method.Exists)
        {
            if (method.Kind is not JsonKind.String) return RpcError.InvalidRequest("method must be a string");
            if (result.Exists || fault.Exists) return RpcError.InvalidRequest("a message is a request or a response, not both");
            return parameters.Exists && parameters.Kind is not JsonKind.Object ? RpcError.InvalidRequest("params must be an object") : null;
        }

        return id.Exists && result.Exists != fault.Exists && !parameters.Exists
            ? null
            : RpcError.InvalidRequest("neither a request, a notification nor a response");
    }

    // The id is echoed into the answer and kept while the call runs, so it may not be a document of its own.
    private static bool IsId(JsonView id) => id.Raw.Length <= 256 && id.Kind switch
    {
        JsonKind.String => true,
        JsonKind.Number => id.Raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0,
        _ => false,
    };
}
