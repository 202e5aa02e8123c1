using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class ListOrganizations
{
    public static void Map(RouteGroupBuilder organizations) => organizations.MapGet("/organizations", HandleAsync)
        .ForSignedIn()
        .WithName("organizations.list")
        .WithSummary("The organizations that one is a member of")
        .WithDescription("Newest first. One's own is the one that is meant where no `organization_id` is given.");

    private static async Task<Results<Ok<Page<MembershipResponse>>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (Cursor.Problem(cursor, limit, out var before) is { } problem) return problem;
        var found = await db.Members.AsNoTracking().Where(member => member.UserId == caller.UserId && (before == null || member.OrgId.CompareTo(before.Value) < 0))
            .OrderByDescending(static member => member.OrgId)
            .Take(limit + 1)
            .Join(db.Organizations, static member => member.OrgId, static organization => organization.Id, static (member, organization) => new { organization.Id, organization.Name, member.Role, organization.OwnerUserId })
            .OrderByDescending(static row => row.Id)
            .ToListAsync(ct);
        return TypedResults.Ok(Cursor.Page(found.ConvertAll(row => new MembershipResponse(row.Id, row.Name, MembersFeature.NameOf(row.Role), row.OwnerUserId == caller.UserId)), limit, static row => row.Id));
    }
}
