using System.Net;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Projects;

public sealed class UpdateProjectTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_absent_stays()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var renamed = await ada.Api.Projects.UpdateAsync(project.Id, new("Refunds"), Ct);
        var moved = await ada.Api.Projects.UpdateAsync(project.Id, new(Environment: "prod"), Ct);

        Assert.Equal(("Refunds", "dev"), (renamed.Name, renamed.Environment));
        Assert.Equal(("Refunds", "prod", project.PolicyYaml), (moved.Name, moved.Environment, moved.PolicyYaml));
    }

    [Theory]
    [InlineData("""{"name": ""}""", "name")]
    [InlineData("""{"environment": "moon"}""", "environment")]
    [InlineData("""{"policy_yaml": "version: 1"}""", "policy_yaml")]
    public async Task A_field_that_is_wrong_is_named(string body, string field)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.PatchAsync($"/projects/{project.Id:D}", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
        Assert.Equal(project, await ada.Api.Projects.GetAsync(project.Id, Ct));
    }

    [Fact]
    public async Task An_approver_may_not()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "approver", Ct);

        await Answers.RefusedAsync(() => bob.Api.Projects.UpdateAsync(project.Id, new("x"), Ct), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task Nobody_changes_one_without_signing_in()
    {
        var (_, project) = await server.WithProjectAsync("ada", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.PatchAsync($"/projects/{project.Id:D}", Answers.Json("{}"), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_project_of_others_does_not_exist()
    {
        var ((_, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Projects.UpdateAsync(project.Id, new("x"), Ct), HttpStatusCode.NotFound, "project.not-found");
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        await ada.Api.Projects.CreateAsync(new("one"), Ct);
        var two = await ada.Api.Projects.CreateAsync(new("two"), Ct);

        await Answers.RefusedAsync(() => ada.Api.Projects.UpdateAsync(two.Id, new("one"), Ct), HttpStatusCode.Conflict, "project.name-taken");
    }
}
