using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Members;

/// <summary>What the description shows.</summary>
internal static class MemberExamples
{
    private static readonly MemberResponse Developer = new(Sample.Colleague, Sample.OtherName, Sample.OtherEmail, "developer", Sample.Now);
    private static readonly InvitationResponse Invitation = new(Sample.Invitation, "joan@example.com", "auditor", Sample.Name, Sample.Now, Sample.Now.AddDays(7));

    public static ApiExample[] All =>
    [
        ApiExample.Of(new OrganizationResponse(Sample.Organization, "Analytical Engines", "pro", "Pro", 10, "owner", Sample.Name, 2, 1, Sample.Then)),
        ApiExample.Of(new MembershipResponse(Sample.Organization, "Analytical Engines", "developer", IsOwn: false)),
        ApiExample.PageOf(new MembershipResponse(Sample.Organization, "Analytical Engines", "owner", IsOwn: true)),
        ApiExample.Of(new UpdateOrganizationRequest("Analytical Engines")),
        ApiExample.Of(Developer),
        ApiExample.Of(new MembersResponse([new(Sample.User, Sample.Name, Sample.Email, "owner", Sample.Then), Developer], NextCursor: null, [Invitation])),
        ApiExample.Of(new InviteMemberRequest("joan@example.com", "auditor")),
        ApiExample.Of(new ChangeMemberRequest("approver")),
        ApiExample.Of(Invitation),
        ApiExample.PageOf(new ReceivedInvitationResponse(Sample.Invitation, "Analytical Engines", "developer", Sample.Name, Sample.Now, Sample.Now.AddDays(7))),
        ApiExample.Of(new AcceptInvitationRequest(InvitationId: Sample.Invitation)),
    ];
}
