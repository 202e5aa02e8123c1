using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

internal static class GetPolicy
{
    public static void Map(RouteGroupBuilder policy) => policy.MapGet("", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("policies.get")
        .WithSummary("The policy of a project")
        .WithDescription("`ETag` names its version: pass it as `If-Match` when you change it, or as `If-None-Match` to hear only of a newer one.")
        .Produces(StatusCodes.Status304NotModified)
        .TakesHeader("If-None-Match", "The `ETag` that you have: the answer is 304 while nothing has changed.")
        .GivesHeader(StatusCodes.Status200OK, "ETag", "Names the version, for `If-Match` and `If-None-Match`.");

    private static async Task<Results<Ok<PolicyResponse>, StatusCodeHttpResult, ProblemHttpResult>> HandleAsync(Guid projectId, Caller caller, HttpContext context, ShieldDb db, CancellationToken ct)
    {
        if (await PolicyReading.InForceAsync(db, projectId, caller, ct) is not { } policy) return Problems.NotFound("project.not-found", "There is no such project.");
        var tag = PolicyTags.Of(policy.Version);
        context.Response.Headers.ETag = tag;
        return PolicyTags.IsKnown(context.Request, tag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(policy);
    }
}
