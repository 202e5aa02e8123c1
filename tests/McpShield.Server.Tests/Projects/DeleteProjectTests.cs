using System.Net;

namespace McpShield.Server.Tests.Projects;

public sealed class DeleteProjectTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_project_is_gone_and_its_keys_open_nothing()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var key = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(key.Key, Ct));

        await ada.Api.Projects.DeleteAsync(project.Id, Ct);

        await Answers.RefusedAsync(() => ada.Api.Projects.GetAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        Assert.Equal(HttpStatusCode.Unauthorized, await server.KnockAsync(key.Key, Ct));
    }

    [Fact]
    public async Task A_developer_may_not()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);

        await Answers.RefusedAsync(() => bob.Api.Projects.DeleteAsync(project.Id, Ct), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task Nobody_deletes_one_without_signing_in()
    {
        var (_, project) = await server.WithProjectAsync("ada", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.DeleteAsync($"/projects/{project.Id:D}", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_project_of_others_does_not_exist()
    {
        var ((ada, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Projects.DeleteAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        Assert.Equal(project, await ada.Api.Projects.GetAsync(project.Id, Ct));
    }

    [Fact]
    public async Task What_is_gone_cannot_be_deleted_again()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        await ada.Api.Projects.DeleteAsync(project.Id, Ct);

        await Answers.RefusedAsync(() => ada.Api.Projects.DeleteAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}
