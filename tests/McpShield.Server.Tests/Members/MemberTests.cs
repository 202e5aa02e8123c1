using System.Net;

namespace McpShield.Server.Tests.Members;

public sealed class MemberTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_hold_every_member_once()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await server.ColleagueAsync(ada, "bob", "developer", Ct);
        await server.ColleagueAsync(ada, "carl", "auditor", Ct);

        var first = await ada.Api.Organizations.ListMembersAsync(Ct, limit: 2);
        var second = await ada.Api.Organizations.ListMembersAsync(Ct, cursor: first.NextCursor, limit: 2);

        Assert.Equal(["carl Test", "bob Test", "ada Test"], first.Items.Concat(second.Items).Select(static one => one.Name));
        Assert.Null(second.NextCursor);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/organization/members?{query}", Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task A_new_role_counts_from_the_next_request()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);
        await bob.Api.Keys.CreateAsync(project.Id, new(), Ct);

        var changed = await ada.Api.Organizations.ChangeMemberAsync(bob.UserId, new("auditor"), Ct);

        Assert.Equal(("auditor", bob.Email), (changed.Role, changed.Email));
        await Answers.RefusedAsync(() => bob.Api.Keys.CreateAsync(project.Id, new(), Ct), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task The_owner_stays_the_owner()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var admin = await server.ColleagueAsync(ada, "bob", "admin", Ct);

        await Answers.RefusedAsync(() => admin.Api.Organizations.ChangeMemberAsync(ada.UserId, new("auditor"), Ct, ada.OrganizationId), HttpStatusCode.Conflict, "member.is-owner");
        await Answers.RefusedAsync(() => admin.Api.Organizations.RemoveMemberAsync(ada.UserId, Ct, ada.OrganizationId), HttpStatusCode.Conflict, "member.is-owner");
        await Answers.RefusedAsync(() => ada.Api.Organizations.RemoveMemberAsync(ada.UserId, Ct), HttpStatusCode.Conflict, "member.is-owner");
    }

    [Fact]
    public async Task Nobody_changes_their_own_role_and_admins_leave_each_other_alone()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var (bob, carl, dan) = (await server.ColleagueAsync(ada, "bob", "admin", Ct), await server.ColleagueAsync(ada, "carl", "admin", Ct), await server.ColleagueAsync(ada, "dan", "developer", Ct));

        await Answers.RefusedAsync(() => bob.Api.Organizations.ChangeMemberAsync(bob.UserId, new("auditor"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "member.self");
        await Answers.RefusedAsync(() => bob.Api.Organizations.ChangeMemberAsync(carl.UserId, new("auditor"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "member.owner-only");
        await Answers.RefusedAsync(() => bob.Api.Organizations.ChangeMemberAsync(dan.UserId, new("admin"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "member.owner-only");
        await Answers.RefusedAsync(() => bob.Api.Organizations.RemoveMemberAsync(carl.UserId, Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "member.owner-only");
        Assert.Equal("approver", (await bob.Api.Organizations.ChangeMemberAsync(dan.UserId, new("approver"), Ct, ada.OrganizationId)).Role);
        Assert.Equal("admin", (await ada.Api.Organizations.ChangeMemberAsync(dan.UserId, new("admin"), Ct)).Role);
    }

    [Fact]
    public async Task Whoever_is_removed_sees_nothing_any_more_and_what_they_made_stays()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);
        var key = await bob.Api.Keys.CreateAsync(project.Id, new(), Ct);

        await ada.Api.Organizations.RemoveMemberAsync(bob.UserId, Ct);

        await Answers.RefusedAsync(() => bob.Api.Projects.GetAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(key.Key, Ct));
        await Answers.RefusedAsync(() => ada.Api.Organizations.RemoveMemberAsync(bob.UserId, Ct), HttpStatusCode.NotFound, "member.not-found");
    }

    [Fact]
    public async Task Everybody_may_leave_and_nobody_but_admins_removes_others()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var (bob, carl) = (await server.ColleagueAsync(ada, "bob", "auditor", Ct), await server.ColleagueAsync(ada, "carl", "auditor", Ct));

        await Answers.RefusedAsync(() => bob.Api.Organizations.RemoveMemberAsync(carl.UserId, Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
        await bob.Api.Organizations.RemoveMemberAsync(bob.UserId, Ct, ada.OrganizationId);

        await Answers.RefusedAsync(() => bob.Api.Organizations.GetAsync(Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task A_developer_changes_nobody_and_a_visitor_neither()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var (bob, carl) = (await server.ColleagueAsync(ada, "bob", "developer", Ct), await server.ColleagueAsync(ada, "carl", "auditor", Ct));
        using var visitor = server.Visitor();
        using var patch = await visitor.PatchAsync($"/organization/members/{carl.UserId:D}", Answers.Json("""{"role": "auditor"}"""), Ct);
        using var delete = await visitor.DeleteAsync($"/organization/members/{carl.UserId:D}", Ct);

        await Answers.RefusedAsync(() => bob.Api.Organizations.ChangeMemberAsync(carl.UserId, new("developer"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
        await patch.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        await delete.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task A_role_that_cannot_be_given_is_refused()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);

        await Answers.RefusedAsync(() => ada.Api.Organizations.ChangeMemberAsync(bob.UserId, new("owner"), Ct), HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task The_people_of_others_do_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);

        await Answers.RefusedAsync(() => eve.Api.Organizations.ChangeMemberAsync(bob.UserId, new("auditor"), Ct), HttpStatusCode.NotFound, "member.not-found");
        await Answers.RefusedAsync(() => eve.Api.Organizations.RemoveMemberAsync(bob.UserId, Ct), HttpStatusCode.NotFound, "member.not-found");
        await Answers.RefusedAsync(() => eve.Api.Organizations.RemoveMemberAsync(bob.UserId, Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }
}
