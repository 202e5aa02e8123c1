using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Keys;

internal static class ListKeys
{
    public static void Map(RouteGroupBuilder keys) => keys.MapGet("", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("keys.list")
        .WithSummary("List the keys of a project")
        .WithDescription("Newest first; revoked and expired ones among them, unless `status` names one kind. The keys themselves are stored nowhere.")
        .Takes(new ApiParameter("status", "Only keys that are this; absent: all.") { Values = ["live", "expired", "revoked"] });

    private static async Task<Results<Ok<Page<KeyResponse>>, ProblemHttpResult>> HandleAsync(Guid projectId, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct, string? status = null, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (Cursor.Problem(cursor, limit, out var before) is { } problem) return problem;
        var now = clock.GetUtcNow();
        var keys = db.ApiKeys.AsNoTracking().Where(key => key.ProjectId == projectId && db.Projects.Any(project => project.Id == key.ProjectId && project.OrgId == caller.OrganizationId));
        switch (status)
        {
            case null:
                break;
            case KeysFeature.Revoked:
                keys = keys.Where(static key => key.RevokedAt != null);
                break;
            case KeysFeature.Expired:
                keys = keys.Where(key => key.RevokedAt == null && key.ExpiresAt != null && key.ExpiresAt <= now);
                break;
            case KeysFeature.Live:
                keys = keys.Where(key => key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now));
                break;
            default:
                return Problems.Invalid("status", "is live, expired or revoked");
        }

        var items = await keys.Where(key => before == null || key.Id.CompareTo(before.Value) < 0)
            .OrderByDescending(static key => key.Id)
            .Take(limit + 1)
            .Select(KeysFeature.ToResponse(db, now))
            .ToListAsync(ct);
        return TypedResults.Ok(Cursor.Page(items, limit, static key => key.Id));
    }
}
