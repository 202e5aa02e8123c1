using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace McpShield.Gateway.Downstream;

/// <summary>Refusals of the transport itself, as problem details (RFC 9457) with a stable code.</summary>
internal static class Problems
{
    public static async Task WriteAsync(HttpResponse response, int status, string code, string detail)
    {
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(response.Body);
        json.WriteStartObject();
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("code", code);
        json.WriteString("detail", detail);
        json.WriteEndObject();
    }
}
