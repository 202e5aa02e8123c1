using System.Linq.Expressions;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Organizations;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

/// <summary>Invitations that can still be accepted: a used, revoked or expired one is none.</summary>
internal static class OpenInvitations
{
    public static IQueryable<Invitation> All(ShieldDb db, DateTimeOffset now) =>
        db.Invitations.Where(invitation => invitation.AcceptedAt == null && invitation.RevokedAt == null && invitation.ExpiresAt > now);

    public static IQueryable<Invitation> OfOrganization(ShieldDb db, Guid organization, DateTimeOffset now) => All(db, now).AsNoTracking().Where(invitation => invitation.OrgId == organization);

    /// <summary>As the organization sees it, read in one query.</summary>
    public static Expression<Func<Invitation, InvitationResponse>> ToResponse(ShieldDb db) => invitation => new(
        invitation.Id, invitation.Email, MembersFeature.NameOf(invitation.Role),
        db.Users.Where(user => user.Id == invitation.InvitedByUserId).Select(user => user.FirstName + " " + user.LastName).FirstOrDefault(),
        invitation.CreatedAt, invitation.ExpiresAt);
}
