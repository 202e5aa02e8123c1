using System.Net;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Projects;

public sealed class ListProjectsTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_hold_every_project_once_newest_first()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        for (var number = 1; number <= 5; number++) await ada.Api.Projects.CreateAsync(new($"p{number}"), Ct);

        var (names, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await ada.Api.Projects.ListAsync(Ct, cursor, limit: 2);
            Assert.True(page.Items.Count <= 2);
            names.AddRange(page.Items.Select(static project => project.Name));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(["p5", "p4", "p3", "p2", "p1"], names);
    }

    [Fact]
    public async Task A_list_shows_one_organization_only()
    {
        var ((ada, _), (bob, _)) = (await server.WithProjectAsync("ada", Ct), await server.WithProjectAsync("bob", Ct));
        await server.JoinAsync(bob, ada, "auditor", Ct);

        Assert.All((await bob.Api.Projects.ListAsync(Ct)).Items, project => Assert.Equal(bob.OrganizationId, project.OrganizationId));
        Assert.Equal(ada.OrganizationId, Assert.Single((await bob.Api.Projects.ListAsync(Ct, organizationId: ada.OrganizationId)).Items).OrganizationId);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=!!!!!!!!!!!!!!!!!!!!!!", "cursor")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/projects?{query}", Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task Nobody_lists_without_signing_in()
    {
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync("/projects", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_organization_of_others_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Projects.ListAsync(Ct, organizationId: ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }
}
