using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

internal static class GetGatewayPolicy
{
    public static void Map(RouteGroupBuilder policy) => policy.MapGet("", HandleAsync)
        .ForKeys()
        .WithName("policies.gateway")
        .WithSummary("The policy of the key's project, for gateways that keep a copy")
        .WithDescription("Ask again with `If-None-Match`: 304 while nothing has changed.")
        .Produces(StatusCodes.Status304NotModified)
        .TakesHeader("If-None-Match", "The `ETag` that you have: the answer is 304 while nothing has changed.")
        .GivesHeader(StatusCodes.Status200OK, "ETag", "Names the version and the environment, for `If-None-Match`.")
        .Refuses(StatusCodes.Status404NotFound, "project.not-found");

    private static async Task<Results<Ok<GatewayPolicyResponse>, StatusCodeHttpResult, ProblemHttpResult>> HandleAsync(KeyCaller caller, HttpContext context, ShieldDb db, CancellationToken ct)
    {
        var found = await db.Projects.AsNoTracking().Where(project => project.Id == caller.ProjectId && project.OrgId == caller.OrganizationId)
            .Join(db.PolicyVersions, static project => new { Project = project.Id, Version = project.PolicyVersion }, static version => new { Project = version.ProjectId, version.Version }, static (project, version) => new { project.Environment, version.Version, version.PolicyHash, version.PolicyYaml })
            .SingleOrDefaultAsync(ct);

        // The project went between the door and here.
        if (found is null) return Problems.NotFound("project.not-found", "There is no such project.");
        var tag = PolicyTags.Of(found.Version, found.Environment);
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        return PolicyTags.IsKnown(context.Request, tag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(new GatewayPolicyResponse(caller.ProjectId, found.PolicyYaml, found.Version, found.PolicyHash, found.Environment));
    }
}
