using McpShield.Data.Organizations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Members;

/// <summary>The people of an organization, and the way into it.</summary>
/// <remarks>
/// Who may change whom: the owner is the owner for good; nobody changes their own role; an admin manages developers, approvers and auditors, and
/// only the owner makes, changes or removes admins, so that admins cannot turn each other out. Everybody but the owner may leave.
/// </remarks>
internal static class MembersFeature
{
    public static void MapMembers(this IEndpointRouteBuilder app)
    {
        var organizations = app.MapGroup("").WithTags("Organizations");
        ListOrganizations.Map(organizations);
        GetOrganization.Map(organizations);
        UpdateOrganization.Map(organizations);
        ListMembers.Map(organizations);
        InviteMember.Map(organizations);
        ChangeMember.Map(organizations);
        RemoveMember.Map(organizations);
        RevokeInvitation.Map(organizations);
        ListInvitations.Map(organizations);
        AcceptInvitation.Map(organizations);
    }

    /// <summary>A role as the API names it.</summary>
    public static string NameOf(Role role) => role switch
    {
        Role.Owner => "owner",
        Role.Admin => "admin",
        Role.Developer => "developer",
        Role.Approver => "approver",
        _ => "auditor",
    };

    /// <summary>A role that can be given; the request was checked for it before.</summary>
    public static Role RoleOf(string name) => name switch
    {
        "admin" => Role.Admin,
        "developer" => Role.Developer,
        "approver" => Role.Approver,
        _ => Role.Auditor,
    };
}
