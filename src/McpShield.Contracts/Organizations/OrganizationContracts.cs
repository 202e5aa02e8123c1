using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>An organization, as one of its members sees it.</summary>
/// <param name="Id">UUID v7; goes into <c>organization_id</c> of other requests.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Plan">The code of its plan, for instance <c>free</c>.</param>
/// <param name="PlanName">The plan's name.</param>
/// <param name="MaxMembers">How many members the plan has room for, invited ones counted; absent: any number.</param>
/// <param name="Role">The caller's role in it: <c>owner</c>, <c>admin</c>, <c>developer</c>, <c>approver</c> or <c>auditor</c>.</param>
/// <param name="OwnerName">Whose it is.</param>
/// <param name="Members">How many members it has.</param>
/// <param name="Projects">How many projects it has.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record OrganizationResponse(Guid Id, string Name, string Plan, string PlanName, int? MaxMembers, string Role, string OwnerName, int Members, int Projects, DateTimeOffset CreatedAt);

/// <summary>An organization that the caller is a member of.</summary>
/// <param name="Id">UUID v7; goes into <c>organization_id</c> of other requests.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Role">The caller's role in it.</param>
/// <param name="IsOwn">Whether it is the caller's own: the one that is meant where no <c>organization_id</c> is given.</param>
public sealed record MembershipResponse(Guid Id, string Name, string Role, bool IsOwn);

/// <summary>Asks for changes of an organization.</summary>
/// <param name="Name">1 to 200 characters.</param>
public sealed record UpdateOrganizationRequest([property: Required, StringLength(200, MinimumLength = 1)] string Name);

/// <summary>A member of an organization.</summary>
/// <param name="UserId">The person.</param>
/// <param name="Name">First and last name.</param>
/// <param name="Email">The address.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>developer</c>, <c>approver</c> or <c>auditor</c>.</param>
/// <param name="JoinedAt">Since when.</param>
public sealed record MemberResponse(Guid UserId, string Name, string Email, string Role, DateTimeOffset JoinedAt);

/// <summary>The people of an organization: a page of its members, and with the first page the open invitations.</summary>
/// <param name="Items">Members of this page.</param>
/// <param name="NextCursor">Pass it as <c>cursor</c> for the page after this one; absent: this is the last.</param>
/// <param name="Invitations">Open invitations, newest first.</param>
public sealed record MembersResponse(IReadOnlyList<MemberResponse> Items, string? NextCursor, IReadOnlyList<InvitationResponse> Invitations);

/// <summary>Invites somebody.</summary>
/// <param name="Email">Who is invited.</param>
/// <param name="Role"><c>admin</c>, <c>developer</c>, <c>approver</c> or <c>auditor</c>.</param>
public sealed record InviteMemberRequest(
    [property: Required, EmailAddress, StringLength(254)] string Email,
    [property: Required, AllowedValues("admin", "developer", "approver", "auditor", ErrorMessage = "must be admin, developer, approver or auditor")] string Role);

/// <summary>Gives a member another role.</summary>
/// <param name="Role"><c>admin</c>, <c>developer</c>, <c>approver</c> or <c>auditor</c>.</param>
public sealed record ChangeMemberRequest(
    [property: Required, AllowedValues("admin", "developer", "approver", "auditor", ErrorMessage = "must be admin, developer, approver or auditor")] string Role);

/// <summary>An open invitation, as the organization sees it. Its token is in the mail only.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="Email">Who is invited.</param>
/// <param name="Role">The role that it gives.</param>
/// <param name="InvitedBy">Who invited; absent: somebody who is gone.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it can be accepted.</param>
public sealed record InvitationResponse(Guid Id, string Email, string Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>An open invitation, as whoever is invited sees it.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="OrganizationName">Where to.</param>
/// <param name="Role">The role that it gives.</param>
/// <param name="InvitedBy">Who invited; absent: somebody who is gone.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it can be accepted.</param>
public sealed record ReceivedInvitationResponse(Guid Id, string OrganizationName, string Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Accepts an invitation: by the token of the mail, or by its id among one's own. One of the two.</summary>
/// <param name="Token">What stands behind the <c>#</c> of the mail's link.</param>
/// <param name="InvitationId">Its id in <c>GET /invitations</c>.</param>
public sealed record AcceptInvitationRequest([property: StringLength(128)] string? Token = null, Guid? InvitationId = null);

/// <summary>The shapes of organizations as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrganizationResponse))]
[JsonSerializable(typeof(MembershipResponse))]
[JsonSerializable(typeof(Page<MembershipResponse>))]
[JsonSerializable(typeof(UpdateOrganizationRequest))]
[JsonSerializable(typeof(MemberResponse))]
[JsonSerializable(typeof(MembersResponse))]
[JsonSerializable(typeof(InviteMemberRequest))]
[JsonSerializable(typeof(ChangeMemberRequest))]
[JsonSerializable(typeof(InvitationResponse))]
[JsonSerializable(typeof(Page<ReceivedInvitationResponse>))]
[JsonSerializable(typeof(AcceptInvitationRequest))]
public sealed partial class OrganizationsJson : JsonSerializerContext;
