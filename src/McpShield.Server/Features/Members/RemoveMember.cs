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

internal static class RemoveMember
{
    // Leaving is for everybody; who may remove others is asked in the handler, where it is known who is meant.
    public static void Map(RouteGroupBuilder organizations) => organizations.MapDelete("/organization/members/{userId:guid}", HandleAsync)
        .RequirePermission(Permission.ViewMembers)
        .WithName("members.remove")
        .WithSummary("Remove a member, or leave")
        .WithDescription("What they made, keys too, stays with the organization. Only the owner removes admins; the owner cannot leave.")
        .Refuses(StatusCodes.Status403Forbidden, "permission.missing", "member.owner-only")
        .Refuses(StatusCodes.Status404NotFound, "member.not-found")
        .Refuses(StatusCodes.Status409Conflict, "member.is-owner");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid userId, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Members.SingleOrDefaultAsync(member => member.OrgId == caller.OrganizationId && member.UserId == userId, ct) is not { } member) return Problems.NotFound("member.not-found", "There is no such member in this organization.");
        if (userId != caller.UserId && !caller.Role.May(Permission.ManageMembers)) return Problems.Forbidden("permission.missing", "Your role in this organization may not remove others. Ask an owner or admin of the organization.");
        if (member.Role is Role.Owner) return Problems.Conflict("member.is-owner", "The owner of an organization stays its owner.");
        if (member.Role is Role.Admin && userId != caller.UserId && caller.Role is not Role.Owner) return Problems.Forbidden("member.owner-only", "Only the owner of the organization removes admins.");

        db.Members.Remove(member);
        db.Record(caller, userId == caller.UserId ? "member.left" : "member.removed", ActionTarget.Of("user", userId), clock.GetUtcNow(), before: new JsonObject { ["role"] = MembersFeature.NameOf(member.Role) });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.NotFound("member.not-found", "There is no such member in this organization.");
        }

        return TypedResults.NoContent();
    }
}
