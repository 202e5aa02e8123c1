using System.Text.Json.Nodes;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Projects;

internal static class DeleteProject
{
    public static void Map(RouteGroupBuilder projects) => projects.MapDelete("/{projectId:guid}", HandleAsync)
        .RequirePermission(Permission.DeleteProjects)
        .WithName("projects.delete")
        .WithSummary("Delete a project with its keys, connections and audits")
        .WithDescription("Its keys stop working within a second. What the audit log says of it is no longer shown, and its contents are erased.");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid projectId, Caller caller, ShieldDb db, ProjectRegistry registry, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Projects.SingleOrDefaultAsync(project => project.Id == projectId && project.OrgId == caller.OrganizationId, ct) is not { } project) return Problems.NotFound("project.not-found", "There is no such project.");

        db.Projects.Remove(project);
        db.Record(caller, "project.deleted", ActionTarget.Of("project", project.Id), clock.GetUtcNow(), before: new JsonObject { ["name"] = project.Name, ["environment"] = project.Environment });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.NotFound("project.not-found", "There is no such project.");
        }

        await Announcements.NowAsync(registry, ct);
        return TypedResults.NoContent();
    }
}
