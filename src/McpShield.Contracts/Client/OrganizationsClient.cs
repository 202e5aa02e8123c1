using System.Globalization;

namespace McpShield.Contracts.Client;

/// <summary><c>/organization</c>, <c>/organizations</c> and <c>/invitations</c>. Without an organization's id, the caller's own is meant.</summary>
public sealed class OrganizationsClient
{
    private readonly ShieldTransport api;

    internal OrganizationsClient(ShieldTransport api) => this.api = api;

    /// <summary>The organizations that the caller is a member of.</summary>
    public Task<Page<MembershipResponse>> ListAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/organizations", OrganizationsJson.Default.PageMembershipResponse, ct);

    /// <summary>An organization.</summary>
    public Task<OrganizationResponse> GetAsync(CancellationToken ct, Guid? organizationId = null) => api.SendAsync(HttpMethod.Get, Path("/organization", organizationId), OrganizationsJson.Default.OrganizationResponse, ct);

    /// <summary>Gives an organization another name.</summary>
    public Task<OrganizationResponse> UpdateAsync(UpdateOrganizationRequest request, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Patch, Path("/organization", organizationId), request, OrganizationsJson.Default.UpdateOrganizationRequest, OrganizationsJson.Default.OrganizationResponse, ct);

    /// <summary>A page of members, and with the first the open invitations.</summary>
    public Task<MembersResponse> ListMembersAsync(CancellationToken ct, Guid? organizationId = null, string? cursor = null, int? limit = null) => api.SendAsync(
        HttpMethod.Get,
        ShieldTransport.Query("/organization/members", ("organization_id", organizationId?.ToString("D")), ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture))),
        OrganizationsJson.Default.MembersResponse,
        ct);

    /// <summary>Invites somebody.</summary>
    public Task<InvitationResponse> InviteAsync(InviteMemberRequest request, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Post, Path("/organization/members", organizationId), request, OrganizationsJson.Default.InviteMemberRequest, OrganizationsJson.Default.InvitationResponse, ct);

    /// <summary>Gives a member another role.</summary>
    public Task<MemberResponse> ChangeMemberAsync(Guid user, ChangeMemberRequest request, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Patch, Path($"/organization/members/{user:D}", organizationId), request, OrganizationsJson.Default.ChangeMemberRequest, OrganizationsJson.Default.MemberResponse, ct);

    /// <summary>Removes a member; oneself: leaves.</summary>
    public Task RemoveMemberAsync(Guid user, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(HttpMethod.Delete, Path($"/organization/members/{user:D}", organizationId), ct);

    /// <summary>Takes an invitation back.</summary>
    public Task RevokeInvitationAsync(Guid id, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(HttpMethod.Delete, Path($"/organization/invitations/{id:D}", organizationId), ct);

    /// <summary>The caller's own open invitations.</summary>
    public Task<Page<ReceivedInvitationResponse>> ListInvitationsAsync(CancellationToken ct) => api.SendAsync(HttpMethod.Get, "/invitations", OrganizationsJson.Default.PageReceivedInvitationResponse, ct);

    /// <summary>Accepts an invitation.</summary>
    public Task<MembershipResponse> AcceptInvitationAsync(AcceptInvitationRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Post, "/invitations/accept", request, OrganizationsJson.Default.AcceptInvitationRequest, OrganizationsJson.Default.MembershipResponse, ct);

    private static string Path(string path, Guid? organizationId) => ShieldTransport.Query(path, ("organization_id", organizationId?.ToString("D")));
}
