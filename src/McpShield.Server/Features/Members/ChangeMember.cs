using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data.Organizations;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class ChangeMember
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapPatch("/organization/members/{userId:guid}", HandleAsync)
        .RequirePermission(Permission.ManageMembers)
        .WithName("members.change")
        .WithSummary("Give a member another role")
        .WithDescription("The owner stays the owner, nobody changes their own role, and only the owner makes or changes admins.")
        .Refuses(StatusCodes.Status403Forbidden, "member.self", "member.owner-only")
        .Refuses(StatusCodes.Status404NotFound, "member.not-found")
        .Refuses(StatusCodes.Status409Conflict, "member.is-owner");

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> HandleAsync(Guid userId, ChangeMemberRequest request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        var role = MembersFeature.RoleOf(request.Role);
        if (await db.Members.SingleOrDefaultAsync(member => member.OrgId == caller.OrganizationId && member.UserId == userId, ct) is not { } member) return Problems.NotFound("member.not-found", "There is no such member in this organization.");
        if (member.Role is Role.Owner) return Problems.Conflict("member.is-owner", "The owner of an organization stays its owner.");
        if (userId == caller.UserId) return Problems.Forbidden("member.self", "Nobody changes their own role; ask the owner of the organization.");
        if ((member.Role is Role.Admin || role is Role.Admin) && caller.Role is not Role.Owner) return Problems.Forbidden("member.owner-only", "Only the owner of the organization makes or changes admins.");

        if (member.Role != role)
        {
            var before = new JsonObject { ["role"] = MembersFeature.NameOf(member.Role) };
            member.Role = role;
            db.Record(caller, "member.changed", ActionTarget.Of("user", userId), clock.GetMoment(), projectId: null, before, new() { ["role"] = MembersFeature.NameOf(role) });
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateConcurrencyException)
            {
                return Problems.NotFound("member.not-found", "There is no such member in this organization.");
            }
        }

        var user = await db.Users.AsNoTracking().Where(user => user.Id == userId).Select(static user => new { user.FirstName, user.LastName, user.Email }).SingleAsync(ct);
        return TypedResults.Ok(new MemberResponse(userId, $"{user.FirstName} {user.LastName}".Trim(), user.Email, MembersFeature.NameOf(member.Role), member.CreatedAt));
    }
}
