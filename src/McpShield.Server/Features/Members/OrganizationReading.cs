using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Features.Billing;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Members;

internal static class OrganizationReading
{
    /// <summary>The caller's organization as the API shows it.</summary>
    public static async Task<OrganizationResponse> OfAsync(ShieldDb db, Caller caller, CancellationToken ct)
    {
        var plan = await PlanOf.OrganizationAsync(db, caller.OrganizationId, ct);
        var found = await db.Organizations.AsNoTracking().Where(organization => organization.Id == caller.OrganizationId)
            .Select(organization => new
            {
                organization.Id,
                organization.Name,
                organization.CreatedAt,
                Owner = db.Users.Where(user => user.Id == organization.OwnerUserId).Select(static user => user.FirstName + " " + user.LastName).FirstOrDefault(),
                Members = db.Members.Count(member => member.OrgId == organization.Id),
                Projects = db.Projects.Count(project => project.OrgId == organization.Id),
            })
            .SingleAsync(ct);
        return new(found.Id, found.Name, plan.Code, plan.Name, plan.Limits.MaxMembers, MembersFeature.NameOf(caller.Role), (found.Owner ?? "").Trim(), found.Members, found.Projects, found.CreatedAt);
    }
}
