using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Projects;

internal static class UpdateProject
{
    public static void Map(RouteGroupBuilder projects) => projects.MapPatch("/{projectId:guid}", HandleAsync)
        .RequirePermission(Permission.EditProjects)
        .WithName("projects.update")
        .WithSummary("Change a project's name or environment")
        .Refuses(StatusCodes.Status409Conflict, "project.name-taken", "project.changed");

    private static async Task<Results<Ok<ProjectResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, UpdateProjectRequest request, Caller caller, ShieldDb db, ProjectRegistry registry, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Projects.SingleOrDefaultAsync(project => project.Id == projectId && project.OrgId == caller.OrganizationId, ct) is not { } project) return Problems.NotFound("project.not-found", "There is no such project.");

        var now = clock.GetMoment();
        var before = new JsonObject { ["name"] = project.Name, ["environment"] = project.Environment };
        project.Name = request.Name?.Trim() ?? project.Name;
        project.Environment = request.Environment ?? project.Environment;
        project.UpdatedAt = now;
        db.Record(caller, "project.updated", ActionTarget.Of("project", project.Id), now, project.Id, before, new() { ["name"] = project.Name, ["environment"] = project.Environment });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            return Problems.Conflict("project.name-taken", "This organization has a project of that name; choose another.");
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.Conflict("project.changed", "Somebody else changed the project at the same moment; read it again and try once more.");
        }

        await Announcements.NowAsync(registry, ct);
        return TypedResults.Ok(await db.Projects.AsNoTracking().Where(one => one.Id == projectId).Select(ProjectsFeature.ToResponse(now)).SingleAsync(ct));
    }
}
