using System.Text.Json.Nodes;
using McpShield.Data.Organizations;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class RevokeInvitation
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapDelete("/organization/invitations/{invitationId:guid}", HandleAsync)
        .RequirePermission(Permission.ManageMembers)
        .WithName("invitations.revoke")
        .WithSummary("Take an open invitation back")
        .Refuses(StatusCodes.Status403Forbidden, "member.owner-only")
        .Refuses(StatusCodes.Status404NotFound, "invitation.not-found");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid invitationId, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var open = OpenInvitations.All(db, now).Where(one => one.Id == invitationId && one.OrgId == caller.OrganizationId);
        if (await open.AsNoTracking().SingleOrDefaultAsync(ct) is not { } invitation) return NotFound();
        if (invitation.Role is Role.Admin && caller.Role is not Role.Owner) return Problems.Forbidden("member.owner-only", "Only the owner of the organization takes back invitations of admins.");

        // Accepting it at the same moment, one of the two finds it no longer open.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await open.ExecuteUpdateAsync(set => set.SetProperty(static one => one.RevokedAt, now), ct) == 0) return NotFound();
        db.Record(caller, "invitation.revoked", ActionTarget.Of("invitation", invitationId), now, before: new JsonObject { ["email"] = invitation.Email, ["role"] = MembersFeature.NameOf(invitation.Role) });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound("invitation.not-found", "There is no such open invitation.");
}
