using McpShield.Web.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Policies;

/// <summary>The JSON Schema of policies, from the API, where the editor may read it: its own origin.</summary>
internal static class PolicySchemaFeature
{
    public static void MapPolicySchema(this IEndpointRouteBuilder app) => app.MapGet("/policy/schema.json", static async (HttpContext context, ApiConnection api, CancellationToken ct) =>
    {
        using var client = api.Open(VisitorOrigin.Of(context));
        using var answer = await client.GetAsync("/policy/schema.json", ct);
        if (!answer.IsSuccessStatusCode) return Results.StatusCode(StatusCodes.Status502BadGateway);
        context.Response.Headers.CacheControl = "public, max-age=3600";
        context.Response.Headers.ETag = answer.Headers.ETag?.ToString();
        return Results.Bytes(await answer.Content.ReadAsByteArrayAsync(ct), "application/schema+json; charset=utf-8");
    });
}
