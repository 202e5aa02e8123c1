using System.Net;

namespace McpShield.Gateway.Protocol;

/// <summary>A JSON-RPC error as an agent sees it, with the HTTP status that goes with it in the stateless era.</summary>
/// <param name="Code">JSON-RPC code.</param>
/// <param name="Message">For people and models; holds nothing of the arguments.</param>
/// <param name="Status">HTTP status when the answer is a single document.</param>
/// <param name="DataJson">The error's <c>data</c> as JSON text, or <c>null</c>.</param>
internal sealed record RpcError(int Code, string Message, HttpStatusCode Status = HttpStatusCode.OK, string? DataJson = null)
{
    public const int ParseErrorCode = -32700;
    public const int InvalidRequestCode = -32600;
    public const int MethodNotFoundCode = -32601;
    public const int InvalidParamsCode = -32602;
    public const int InternalErrorCode = -32603;

    // SPEC: 2026-07-28 reserves -32020 to -32099 for the specification.
    public const int HeaderMismatchCode = -32020;
    public const int UnsupportedVersionCode = -32022;

    /// <summary>One constant text for a tool that does not exist and one that the agent may never call: which it is, is not the agent's to know.</summary>
    public static RpcError UnknownTool { get; } = new(InvalidParamsCode, "Unknown tool");

    public static RpcError NotJson(string why) => new(ParseErrorCode, $"Parse error: {why}", HttpStatusCode.BadRequest);

    public static RpcError InvalidRequest(string why) => new(InvalidRequestCode, $"Invalid request: {why}", HttpStatusCode.BadRequest);

    public static RpcError InvalidParams(string why) => new(InvalidParamsCode, $"Invalid params: {why}", HttpStatusCode.BadRequest);

    public static RpcError MethodNotFound { get; } = new(MethodNotFoundCode, "Method not found", HttpStatusCode.NotFound);

    public static RpcError HeaderMismatch(string why) => new(HeaderMismatchCode, $"Header mismatch: {why}", HttpStatusCode.BadRequest);

    public static RpcError UnsupportedVersion(string requested) => new(
        UnsupportedVersionCode,
        "Unsupported protocol version",
        HttpStatusCode.BadRequest,
        $$"""{"supported":[{{string.Join(',', McpRevisions.Stateless.Select(Quote))}}],"requested":{{Quote(requested)}}}""");

    public static RpcError Internal(string what) => new(InternalErrorCode, what);

    private static string Quote(string text) => $"\"{System.Text.Json.JsonEncodedText.Encode(text)}\"";
}
