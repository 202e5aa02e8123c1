using System.Security.Cryptography;
using System.Text;
using McpShield.Policy.Language;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

internal static class GetPolicySchema
{
    // The same bytes in every run of one version, so the tag is one too.
    private static readonly Lazy<string> Tag = new(static () => $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PolicySchema.Json)))[..16]}\"");

    public static void Map(RouteGroupBuilder policy) => policy.MapGet("/schema.json", Handle)
        .ForAnyone()
        .WithName("policies.schema")
        .WithSummary("The policy language as a JSON Schema, for editors")
        .Produces<string>(StatusCodes.Status200OK, "application/schema+json")
        .Produces(StatusCodes.Status304NotModified)
        .TakesHeader("If-None-Match", "The `ETag` that you have: the answer is 304 while nothing has changed.")
        .GivesHeader(StatusCodes.Status200OK, "ETag", "For `If-None-Match`.");

    private static Results<ContentHttpResult, StatusCodeHttpResult> Handle(HttpContext context)
    {
        context.Response.Headers.ETag = Tag.Value;
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return PolicyTags.IsKnown(context.Request, Tag.Value)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Text(PolicySchema.Json, "application/schema+json", Encoding.UTF8);
    }
}
