using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Keys;

internal static class RevokeKey
{
    public static void Map(RouteGroupBuilder keys) => keys.MapDelete("/{keyId:guid}", HandleAsync)
        .RequirePermission(Permission.ManageKeys)
        .WithName("keys.revoke")
        .WithSummary("Revoke a key")
        .WithDescription("It opens nothing any more, here at once and everywhere within a second. It stays in the list. Revoking it again changes nothing.")
        .Refuses(StatusCodes.Status404NotFound, "key.not-found");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid projectId, Guid keyId, Caller caller, ShieldDb db, ProjectRegistry registry, TimeProvider clock, CancellationToken ct)
    {
        var key = await db.ApiKeys.SingleOrDefaultAsync(key => key.Id == keyId && key.ProjectId == projectId && db.Projects.Any(project => project.Id == projectId && project.OrgId == caller.OrganizationId), ct);
        if (key is null) return Problems.NotFound("key.not-found", "There is no such key in this project.");
        if (key.RevokedAt is null)
        {
            key.RevokedAt = clock.GetUtcNow();
            db.Record(caller, "key.revoked", ActionTarget.Of("key", key.Id), key.RevokedAt.Value, projectId, before: KeyRecords.Of(key));
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateConcurrencyException)
            {
                return Problems.NotFound("key.not-found", "There is no such key in this project.");
            }
        }

        // Also the second time: somebody may be waiting for it to be true.
        await Announcements.NowAsync(registry, ct);
        return TypedResults.NoContent();
    }
}
