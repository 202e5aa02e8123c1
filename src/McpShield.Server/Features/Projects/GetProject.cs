using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Projects;

internal static class GetProject
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId:guid}", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("projects.get")
        .WithSummary("One project");

    private static async Task<Results<Ok<ProjectResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        var project = await db.Projects.AsNoTracking().Where(project => project.Id == projectId && project.OrgId == caller.OrganizationId)
            .Select(ProjectsFeature.ToResponse(clock.GetUtcNow())).SingleOrDefaultAsync(ct);
        return project is null ? Problems.NotFound("project.not-found", "There is no such project.") : TypedResults.Ok(project);
    }
}
