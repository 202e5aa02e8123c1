using System.Buffers.Text;
using System.Text;
using McpShield.Gateway.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace McpShield.Gateway.Downstream;

/// <summary>What the transport demands of a request before its message means anything.</summary>
internal static class HttpRequestRules
{
    public const string VersionHeader = "MCP-Protocol-Version";
    private const string MethodHeader = "Mcp-Method";
    private const string NameHeader = "Mcp-Name";

    /// <summary>Whether a web page could have sent this from a place that is not ours.</summary>
    public static bool IsFromElsewhere(HttpRequest request, HttpFrontOptions options)
    {
        if (!options.AllowedHosts.Contains(request.Host.Host)) return true;
        var origins = request.Headers.Origin;
        return origins.Count > 1 || (origins.Count == 1 && !options.AllowedOrigins.Contains(origins[0]!));
    }

    // THREAT: a body under another label slips past whoever filters by label. One label, compared parsed.
    public static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    /// <summary>Which of the two forms of an answer the agent reads. No <c>Accept</c> at all means any.</summary>
    public static (bool Json, bool Events) Accepts(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0) return (true, false);
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)) return (false, false);
        return (Takes(accepted, "application/json"), Takes(accepted, "text/event-stream"));
    }

    /// <summary>What is wrong with the headers of a request of the stateless era; they must repeat what the body says.</summary>
    // THREAT: whoever routes or filters by header would see another call than the one that is made.
    public static RpcError? HeaderProblem(IHeaderDictionary headers, RpcMessage message)
    {
        if (!IsSame(headers, VersionHeader, message.Meta["io.modelcontextprotocol/protocolVersion"u8].AsString())) return Mismatch(VersionHeader);
        if (!IsSame(headers, MethodHeader, message.Method)) return Mismatch(MethodHeader);
        if (McpMethods.Find(message, modern: true) is McpOperation.Refuse) return null; // refused for what it is
        var name = message.Method is "tools/call" ? message.Params["name"u8].AsString() : null;
        if (name is null && headers[NameHeader].Count == 0) return null;
        return IsSame(headers, NameHeader, name) ? null : Mismatch(NameHeader);
    }

    private static bool IsSame(IHeaderDictionary headers, string name, string? expected) =>
        headers[name] is [{ } value] && Decode(value) is { } decoded && decoded == expected;

    private static RpcError Mismatch(string header) => RpcError.HeaderMismatch($"{header} is missing or differs from the message");

    // SPEC: 2026-07-28, transports: a value that a header cannot carry is `=?base64?…?=`.
    private static string? Decode(string value)
    {
        const string Prefix = "=?base64?", Suffix = "?=";
        if (!value.StartsWith(Prefix, StringComparison.Ordinal) || !value.EndsWith(Suffix, StringComparison.Ordinal) || value.Length < Prefix.Length + Suffix.Length) return value;
        var encoded = value.AsSpan(Prefix.Length, value.Length - Prefix.Length - Suffix.Length);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        return Convert.TryFromBase64Chars(encoded, bytes, out var written) ? Encoding.UTF8.GetString(bytes, 0, written) : null;
    }

    private static bool Takes(IList<MediaTypeHeaderValue> accepted, string type)
    {
        var wanted = new MediaTypeHeaderValue(type);
        return accepted.Any(range => range.Quality is not 0 && wanted.IsSubsetOf(new MediaTypeHeaderValue(range.MediaType)));
    }
}
