using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

internal static class ListPolicyVersions
{
    public static void Map(RouteGroupBuilder policy) => policy.MapGet("/versions", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("policies.versions.list")
        .WithSummary("The history of a policy")
        .WithDescription("Newest first: who changed it, when, and why.");

    private static async Task<Results<Ok<Page<PolicyVersionSummary>>, ProblemHttpResult>> HandleAsync(Guid projectId, Caller caller, ShieldDb db, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (VersionCursor.Problem(cursor, limit, out var before) is { } problem) return problem;
        var items = await PolicyReading.Versions(db, projectId, caller)
            .Where(version => version.Version < before)
            .OrderByDescending(static version => version.Version)
            .Take(limit + 1)
            .Select(version => new PolicyVersionSummary(
                version.Version, version.PolicyHash, version.AuthorName, version.Reason, version.CreatedAt, db.Projects.Any(project => project.Id == version.ProjectId && project.PolicyVersion == version.Version)))
            .ToListAsync(ct);
        return TypedResults.Ok(VersionCursor.Page(items, limit));
    }
}
