using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Projects;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

/// <summary>The policy of a project as the API shows it.</summary>
internal static class PolicyReading
{
    /// <summary>The policy in force; <c>null</c>: there is no such project in the caller's organization.</summary>
    public static Task<PolicyResponse?> InForceAsync(ShieldDb db, Guid projectId, Caller caller, CancellationToken ct) =>
        Versions(db, projectId, caller)
            .Where(version => db.Projects.Any(project => project.Id == projectId && project.PolicyVersion == version.Version))
            .Select(static version => new PolicyResponse(version.PolicyYaml, version.Version, version.PolicyHash, version.CreatedAt, version.AuthorName, version.Reason, null))
            .SingleOrDefaultAsync(ct);

    /// <summary>All versions of a project of the caller's organization.</summary>
    public static IQueryable<PolicyVersion> Versions(ShieldDb db, Guid projectId, Caller caller) =>
        db.PolicyVersions.AsNoTracking().Where(version => version.ProjectId == projectId && db.Projects.Any(project => project.Id == projectId && project.OrgId == caller.OrganizationId));
}
