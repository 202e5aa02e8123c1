using McpShield.Data.Organizations;

namespace McpShield.Server.Hosting;

/// <summary>What a member of an organization may do in it.</summary>
internal enum Permission
{
    ViewProjects,
    CreateProjects,
    EditProjects,
    DeleteProjects,
    EditPolicies,
    ManageKeys,
    ManageInfrastructure,
    DecideApprovals,
    ViewUsage,
    ViewAudits,
    ExportAudits,
    ViewMembers,
    ManageMembers,
    ViewBilling,
    ManageBilling,
    UseAssistant,
}

/// <summary>Which role may do what: the only place that knows.</summary>
internal static class Permissions
{
    private static readonly Permission[] Reading = [Permission.ViewProjects, Permission.ViewUsage, Permission.ViewAudits, Permission.ViewMembers];

    private static readonly Permission[] Building =
    [
        .. Reading, Permission.CreateProjects, Permission.EditProjects, Permission.EditPolicies, Permission.ManageKeys, Permission.ManageInfrastructure,
        Permission.DecideApprovals, Permission.UseAssistant,
    ];

    private static readonly Permission[] Administering = [.. Building, Permission.DeleteProjects, Permission.ExportAudits, Permission.ManageMembers, Permission.ViewBilling];

    private static readonly Dictionary<Role, HashSet<Permission>> Table = new()
    {
        [Role.Auditor] = [.. Reading, Permission.ExportAudits],
        [Role.Approver] = [.. Reading, Permission.DecideApprovals],
        [Role.Developer] = [.. Building],
        [Role.Admin] = [.. Administering],
        [Role.Owner] = [.. Administering, Permission.ManageBilling],
    };

    public static bool May(this Role role, Permission permission) => Table.TryGetValue(role, out var granted) && granted.Contains(permission);
}
