using System.Net;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Projects;

public sealed class CreateProjectTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_project_denies_everything_until_somebody_allows_something()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var project = await ada.Api.Projects.CreateAsync(new("Payments"), Ct);

        Assert.Equal(("Payments", "dev", 1, 0), (project.Name, project.Environment, project.PolicyVersion, project.LiveKeys));
        Assert.Contains("default: deny", project.PolicyYaml, StringComparison.Ordinal);
        Assert.Equal(project, await ada.Api.Projects.GetAsync(project.Id, Ct));
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name": ""}""", "name")]
    [InlineData("""{"name": null}""", "name")]
    [InlineData("""{"name": 7}""", "name")]
    [InlineData("""{"name": "x", "environment": "moon"}""", "environment")]
    [InlineData("""{"name": "x", "policy_yaml": "version: 2"}""", "policy_yaml")]
    [InlineData("""{"name": "x", "colour": "red"}""", "colour")]
    [InlineData("""{"Name": "x"}""", "Name")]
    [InlineData("""{"name": "x", "name": "y"}""", "name")]
    public async Task A_field_that_is_wrong_is_named_and_nothing_is_left_behind(string body, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync("/projects", Answers.Json(body), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
        Assert.NotNull(problem["errors"]![field]);
        Assert.Empty((await ada.Api.Projects.ListAsync(Ct)).Items);
    }

    [Fact]
    public async Task Nobody_makes_a_project_without_signing_in()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/projects", Answers.Json("""{"name": "x"}"""), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task An_auditor_may_not()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, "auditor", Ct);

        await Answers.RefusedAsync(() => bob.Api.Projects.CreateAsync(new("x"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task The_organization_of_others_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Projects.CreateAsync(new("x"), Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        await ada.Api.Projects.CreateAsync(new("Payments"), Ct);

        await Answers.RefusedAsync(() => ada.Api.Projects.CreateAsync(new("Payments"), Ct), HttpStatusCode.Conflict, "project.name-taken");
    }

    [Fact]
    public async Task The_free_plan_has_room_for_one_however_many_ask_at_once()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            using var answer = await ada.Http.PostAsync("/projects", Answers.Json($$"""{"name": "p{{number}}"}"""), Ct);
            return answer.StatusCode;
        }));

        Assert.Equal(1, outcomes.Count(static status => status == HttpStatusCode.Created));
        Assert.All(outcomes, static status => Assert.True(status is HttpStatusCode.Created or HttpStatusCode.Conflict, status.ToString()));
        Assert.Single((await ada.Api.Projects.ListAsync(Ct)).Items);
    }

    [Fact]
    public async Task A_retry_with_the_same_key_gets_the_same_project()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);

        var ids = new List<string?>();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/projects") { Content = Answers.Json("""{"name": "once"}"""), Headers = { { "Idempotency-Key", "k1" } } };
            using var answer = await ada.Http.SendAsync(request, Ct);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            ids.Add((string?)(await answer.JsonAsync(Ct))["id"]);
        }

        Assert.Single(ids.Distinct(StringComparer.Ordinal));
        Assert.Single((await ada.Api.Projects.ListAsync(Ct)).Items);
    }
}
