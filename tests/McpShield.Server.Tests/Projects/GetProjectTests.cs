using System.Net;

namespace McpShield.Server.Tests.Projects;

public sealed class GetProjectTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_member_sees_a_project()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "auditor", Ct);

        Assert.Equal(project, await bob.Api.Projects.GetAsync(project.Id, Ct));
    }

    [Fact]
    public async Task Only_keys_that_open_are_counted()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        var gone = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        await ada.Api.Keys.RevokeAsync(project.Id, gone.Id, Ct);

        Assert.Equal(1, (await ada.Api.Projects.GetAsync(project.Id, Ct)).LiveKeys);
    }

    [Fact]
    public async Task Nobody_sees_one_without_signing_in()
    {
        var (_, project) = await server.WithProjectAsync("ada", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync($"/projects/{project.Id:D}", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_project_of_others_does_not_exist()
    {
        var ((_, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Projects.GetAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}
