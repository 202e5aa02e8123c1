using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Server.Features.Billing;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class AcceptInvitation
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapPost("/invitations/accept", HandleAsync)
        .ForSignedIn()
        .WithName("invitations.accept")
        .WithSummary("Accept an invitation")
        .WithDescription("By the token of the mail, or by its id among one's own invitations. One's address must be the invited one, and verified.")
        .Refuses(StatusCodes.Status403Forbidden, "invitation.other-address")
        .Refuses(StatusCodes.Status404NotFound, "invitation.not-found")
        .Refuses(StatusCodes.Status409Conflict, "member.exists", "plan.members-used-up");

    private static async Task<Results<Ok<MembershipResponse>, ProblemHttpResult>> HandleAsync(AcceptInvitationRequest request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct)
    {
        if (request.Token is null == request.InvitationId is null) return Problems.Invalid("token", "give either token or invitation_id");
        var now = clock.GetMoment();
        var open = OpenInvitations.All(db, now);
        if (request.Token is { } token)
        {
            var digest = InvitationToken.Digest(token);
            open = open.Where(one => one.TokenHash == digest);
        }
        else
        {
            // An id is no secret: of somebody else's invitation not even that it exists is told.
            open = open.Where(one => one.Id == request.InvitationId && one.Email == caller.Email);
        }

        if (await open.AsNoTracking().SingleOrDefaultAsync(ct) is not { } invitation) return NotFound();

        // THREAT: a mail that was passed on, or read by somebody else, opens the organization to them.
        if (invitation.Email != caller.Email || !await db.Users.AnyAsync(user => user.Id == caller.UserId && user.IsEmailVerified, ct))
        {
            return Problems.Forbidden("invitation.other-address", "This invitation is for another address, or yours is not verified yet. Sign in with the address that was invited, and verify it.");
        }

        // The organization's row is held until the end: of two who accept at once, one counts the other. Used once: whoever marks it first.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Organizations.Where(organization => organization.Id == invitation.OrgId).ExecuteUpdateAsync(set => set.SetProperty(static organization => organization.UpdatedAt, now), ct);
        if (await open.ExecuteUpdateAsync(set => set.SetProperty(static one => one.AcceptedAt, now), ct) == 0) return NotFound();
        var plan = await PlanOf.OrganizationAsync(db, invitation.OrgId, ct);
        if (plan.Limits.MaxMembers is { } most && await db.Members.CountAsync(member => member.OrgId == invitation.OrgId, ct) >= most)
        {
            return Problems.Conflict("plan.members-used-up", "The organization's plan has no room for another member; ask whoever invited you.");
        }

        db.Members.Add(new() { OrgId = invitation.OrgId, UserId = caller.UserId, Role = invitation.Role, CreatedAt = now });
        db.Record(caller with { OrganizationId = invitation.OrgId }, "member.joined", ActionTarget.Of("user", caller.UserId), now, after: new JsonObject { ["role"] = MembersFeature.NameOf(invitation.Role) });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            return Problems.Conflict("member.exists", "You are a member of this organization already.");
        }

        await transaction.CommitAsync(ct);
        var name = await db.Organizations.AsNoTracking().Where(organization => organization.Id == invitation.OrgId).Select(static organization => organization.Name).SingleAsync(ct);
        return TypedResults.Ok(new MembershipResponse(invitation.OrgId, name, MembersFeature.NameOf(invitation.Role), IsOwn: false));
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound("invitation.not-found", "There is no such open invitation: it was used or taken back, or its time is over. Ask for another one.");
}
