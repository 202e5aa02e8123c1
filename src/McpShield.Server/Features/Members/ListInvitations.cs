using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class ListInvitations
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapGet("/invitations", HandleAsync)
        .ForSignedIn()
        .WithName("invitations.list")
        .WithSummary("One's own open invitations")
        .WithDescription("By one's address, once that is verified. Newest first.");

    private static async Task<Results<Ok<Page<ReceivedInvitationResponse>>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (Cursor.Problem(cursor, limit, out var before) is { } problem) return problem;

        // THREAT: whoever registers with somebody else's address sees who invited them.
        var found = await OpenInvitations.All(db, clock.GetUtcNow()).AsNoTracking()
            .Where(one => one.Email == caller.Email && db.Users.Any(user => user.Id == caller.UserId && user.IsEmailVerified) && (before == null || one.Id.CompareTo(before.Value) < 0))
            .OrderByDescending(static one => one.Id)
            .Take(limit + 1)
            .Select(one => new
            {
                one.Id,
                Organization = db.Organizations.Where(organization => organization.Id == one.OrgId).Select(organization => organization.Name).First(),
                one.Role,
                InvitedBy = db.Users.Where(user => user.Id == one.InvitedByUserId).Select(user => user.FirstName + " " + user.LastName).FirstOrDefault(),
                one.CreatedAt,
                one.ExpiresAt,
            })
            .ToListAsync(ct);
        return TypedResults.Ok(Cursor.Page(found.ConvertAll(static one => new ReceivedInvitationResponse(one.Id, one.Organization, MembersFeature.NameOf(one.Role), one.InvitedBy, one.CreatedAt, one.ExpiresAt)), limit, static one => one.Id));
    }
}
