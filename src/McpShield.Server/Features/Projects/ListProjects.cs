using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Projects;

internal static class ListProjects
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("projects.list")
        .WithSummary("List the projects of an organization")
        .WithDescription("Newest first. `organization_id` names an organization that you are a member of; without it, your own.");

    private static async Task<Results<Ok<Page<ProjectResponse>>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (Cursor.Problem(cursor, limit, out var before) is { } problem) return problem;
        var items = await db.Projects.AsNoTracking()
            .Where(project => project.OrgId == caller.OrganizationId && (before == null || project.Id.CompareTo(before.Value) < 0))
            .OrderByDescending(static project => project.Id)
            .Take(limit + 1)
            .Select(ProjectsFeature.ToResponse(clock.GetUtcNow()))
            .ToListAsync(ct);
        return TypedResults.Ok(Cursor.Page(items, limit, static project => project.Id));
    }
}
