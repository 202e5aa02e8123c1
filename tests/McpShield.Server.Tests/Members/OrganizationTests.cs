using System.Net;

namespace McpShield.Server.Tests.Members;

public sealed class OrganizationTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ones_own_organization_is_meant_where_none_is_named()
    {
        var (ada, _) = await server.WithProjectAsync("ada", Ct);

        var organization = await ada.Api.Organizations.GetAsync(Ct);

        Assert.Equal((ada.OrganizationId, "free", "owner", "ada Test", 1, 1), (organization.Id, organization.Plan, organization.Role, organization.OwnerName, organization.Members, organization.Projects));
    }

    [Fact]
    public async Task A_member_sees_the_organization_in_their_own_role_and_lists_all_theirs()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "approver", Ct);

        Assert.Equal(("approver", 2), ((await bob.Api.Organizations.GetAsync(Ct, ada.OrganizationId)).Role, (await bob.Api.Organizations.GetAsync(Ct, ada.OrganizationId)).Members));
        Assert.Equal([$"{bob.OrganizationId} owner True", $"{ada.OrganizationId} approver False"], (await bob.Api.Organizations.ListAsync(Ct)).Items.Select(static one => $"{one.Id} {one.Role} {one.IsOwn}"));
    }

    [Fact]
    public async Task The_owner_gives_it_another_name()
    {
        var ada = await server.SignInAsync("ada", Ct);

        Assert.Equal("Analytical Engines", (await ada.Api.Organizations.UpdateAsync(new(" Analytical Engines "), Ct)).Name);
        await Answers.RefusedAsync(() => ada.Api.Organizations.UpdateAsync(new(""), Ct), HttpStatusCode.BadRequest, "validation");
        await Answers.RefusedAsync(() => ada.Api.Organizations.UpdateAsync(new("   "), Ct), HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task A_developer_may_not_rename_it()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);

        await Answers.RefusedAsync(() => bob.Api.Organizations.UpdateAsync(new("x"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task Nobody_sees_one_without_signing_in()
    {
        using var visitor = server.Visitor();
        foreach (var path in new[] { "/organization", "/organizations", "/organization/members", "/invitations" })
        {
            using var answer = await visitor.GetAsync(path, Ct);
            await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        }
    }

    [Fact]
    public async Task The_organization_of_others_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Organizations.GetAsync(Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
        await Answers.RefusedAsync(() => eve.Api.Organizations.UpdateAsync(new("x"), Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
        await Answers.RefusedAsync(() => eve.Api.Organizations.ListMembersAsync(Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }
}
