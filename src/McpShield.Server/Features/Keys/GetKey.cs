using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Keys;

internal static class GetKey
{
    public static void Map(RouteGroupBuilder keys) => keys.MapGet("/{keyId:guid}", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("keys.get")
        .WithSummary("One key, without the key itself")
        .Refuses(StatusCodes.Status404NotFound, "key.not-found");

    private static async Task<Results<Ok<KeyResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, Guid keyId, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        var key = await db.ApiKeys.AsNoTracking()
            .Where(key => key.Id == keyId && key.ProjectId == projectId && db.Projects.Any(project => project.Id == projectId && project.OrgId == caller.OrganizationId))
            .Select(KeysFeature.ToResponse(db, clock.GetUtcNow())).SingleOrDefaultAsync(ct);
        return key is null ? Problems.NotFound("key.not-found", "There is no such key in this project.") : TypedResults.Ok(key);
    }
}
