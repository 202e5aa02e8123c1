using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class ListMembers
{
    private const int MostInvitations = 200;

    public static void Map(RouteGroupBuilder organizations) => organizations.MapGet("/organization/members", HandleAsync)
        .RequirePermission(Permission.ViewMembers)
        .WithName("members.list")
        .WithSummary("The people of an organization, and its open invitations")
        .WithDescription("Members come in pages, newest accounts first; the open invitations come with the first page.");

    private static async Task<Results<Ok<MembersResponse>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (Cursor.Problem(cursor, limit, out var before) is { } problem) return problem;
        var found = await db.Members.AsNoTracking().Where(member => member.OrgId == caller.OrganizationId && (before == null || member.UserId.CompareTo(before.Value) < 0))
            .Join(db.Users, static member => member.UserId, static user => user.Id, static (member, user) => new { user.Id, user.FirstName, user.LastName, user.Email, member.Role, member.CreatedAt })
            .OrderByDescending(static row => row.Id)
            .Take(limit + 1)
            .ToListAsync(ct);
        var page = Cursor.Page(found.ConvertAll(static row => new MemberResponse(row.Id, $"{row.FirstName} {row.LastName}".Trim(), row.Email, MembersFeature.NameOf(row.Role), row.CreatedAt)), limit, static row => row.UserId);
        var invitations = cursor is null ? await OpenInvitations.OfOrganization(db, caller.OrganizationId, clock.GetUtcNow()).OrderByDescending(static one => one.Id).Take(MostInvitations).Select(OpenInvitations.ToResponse(db)).ToListAsync(ct) : [];
        return TypedResults.Ok(new MembersResponse(page.Items, page.NextCursor, invitations));
    }
}
