using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Data.Organizations;
using McpShield.Server.Features.Billing;
using McpShield.Data;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class InviteMember
{
    private const int PerOrganizationAnHour = 50;
    private const int PerAddressAnHour = 5;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public static void Map(RouteGroupBuilder organizations) => organizations.MapPost("/organization/members", HandleAsync)
        .RequirePermission(Permission.ManageMembers)
        .IsRetryable()
        .WithName("members.invite")
        .WithSummary("Invite somebody into an organization")
        .WithDescription("By mail, with a link that is good for seven days and for that address only. Inviting an address again replaces its open invitation. Only the owner invites admins. How many members an organization may have, invited ones counted, is up to its plan.")
        .Refuses(StatusCodes.Status403Forbidden, "member.owner-only")
        .Refuses(StatusCodes.Status409Conflict, "member.exists", "plan.members-used-up")
        .Refuses(StatusCodes.Status429TooManyRequests, "invitation.too-many");

    private static async Task<Results<Created<InvitationResponse>, ProblemHttpResult>> HandleAsync(InviteMemberRequest request, Caller caller, HttpContext context, ShieldDb db, EphemeralStores stores, ShieldSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var (email, role, now) = (User.Normalize(request.Email), MembersFeature.RoleOf(request.Role), clock.GetMoment());
        if (role is Role.Admin && caller.Role is not Role.Owner) return Problems.Forbidden("member.owner-only", "Only the owner of the organization makes admins.");
        if (await LimitAsync(context, stores, caller, email, ct) is { } tooMany) return tooMany;

        // The organization's row is held until the end: of two requests at once, one counts what the other adds.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Organizations.Where(organization => organization.Id == caller.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(static organization => organization.UpdatedAt, now), ct);
        if (await db.Members.AnyAsync(member => member.OrgId == caller.OrganizationId && db.Users.Any(user => user.Id == member.UserId && user.Email == email), ct))
        {
            return Problems.Conflict("member.exists", "Whoever has this address is a member already.");
        }

        await OpenInvitations.All(db, now).Where(one => one.OrgId == caller.OrganizationId && one.Email == email).ExecuteUpdateAsync(set => set.SetProperty(static one => one.RevokedAt, now), ct);
        var plan = await PlanOf.OrganizationAsync(db, caller.OrganizationId, ct);
        if (plan.Limits.MaxMembers is { } most)
        {
            var count = await db.Members.CountAsync(member => member.OrgId == caller.OrganizationId, ct) + await OpenInvitations.OfOrganization(db, caller.OrganizationId, now).CountAsync(ct);
            if (count >= most) return Problems.Conflict("plan.members-used-up", $"The {plan.Name} plan has room for {most} member{(most == 1 ? "" : "s")}, invited ones counted. Upgrade the plan, or remove somebody.");
        }

        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var invitation = new Invitation { Id = Guid.CreateVersion7(now), OrgId = caller.OrganizationId, Email = email, Role = role, TokenHash = InvitationToken.Digest(token), InvitedByUserId = caller.UserId, CreatedAt = now, ExpiresAt = now + Lifetime };
        db.Invitations.Add(invitation);
        var organization = await db.Organizations.AsNoTracking().Where(one => one.Id == caller.OrganizationId).Select(static one => one.Name).SingleAsync(ct);
        Mails.Invitation(db, invitation.Email, organization, caller.Name, MembersFeature.NameOf(invitation.Role), new(settings.WebUrl, $"/invitations#{token}"), invitation.ExpiresAt, now);
        db.Record(caller, "member.invited", ActionTarget.Of("invitation", invitation.Id), now, after: new JsonObject { ["email"] = email, ["role"] = MembersFeature.NameOf(role) });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return TypedResults.Created((string?)null, new InvitationResponse(invitation.Id, email, MembersFeature.NameOf(role), caller.Name, now, invitation.ExpiresAt));
    }

    // THREAT: an organization is free to make; without a limit its invitations are a way to send anybody any number of mails.
    private static async Task<ProblemHttpResult?> LimitAsync(HttpContext context, EphemeralStores stores, Caller caller, string email, CancellationToken ct)
    {
        var attempt = await stores.Attempts.TryTakeAsync($"invite {caller.OrganizationId:N}", PerOrganizationAnHour, TimeSpan.FromHours(1), ct);
        if (attempt.IsAllowed) attempt = await stores.Attempts.TryTakeAsync($"invited {email}", PerAddressAnHour, TimeSpan.FromHours(1), ct);
        return attempt.IsAllowed ? null : Problems.TooMany(context, "invitation.too-many", "Too many invitations within an hour; wait as `Retry-After` says and try again.", attempt.RetryAfter);
    }
}

/// <summary>What is kept of an invitation's token: 256 random bits need no salt.</summary>
internal static class InvitationToken
{
    public static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
