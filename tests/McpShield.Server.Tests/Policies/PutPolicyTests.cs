using System.Net;

namespace McpShield.Server.Tests.Policies;

public sealed class PutPolicyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_policy_is_a_new_version_and_gateways_get_it_at_once()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var key = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        var put = await ada.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs, "docs"), Ct, ifVersion: 1);

        Assert.Equal((2, "ada Test", "docs", Samples.AllowDocs), (put.Version, put.Author, put.Reason, put.PolicyYaml));
        Assert.Empty(put.Diagnostics!);
        var got = await ada.Api.Policies.GetAsync(project.Id, Ct);
        Assert.Equal((put.Version, put.Hash), (got.Version, got.Hash));
        using var answer = await server.AskAsync(key.Key, Ct);
        Assert.Equal(2, (int?)(await answer.JsonAsync(Ct))["version"]);
    }

    [Fact]
    public async Task A_policy_that_does_not_load_is_refused_with_its_place_and_changes_nothing()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var problem = await Answers.RefusedAsync(() => ada.Api.Policies.PutAsync(project.Id, new("version: 1\ndefault: deny\nrules:\n  - id: a\n    tool: x.y\n    decision: perhaps\n"), Ct), HttpStatusCode.BadRequest, "policy.invalid");

        Assert.Contains(problem.Diagnostics, static one => one is { Severity: "error", Line: 6, Column: > 1 });
        Assert.Equal(1, (await ada.Api.Policies.GetAsync(project.Id, Ct)).Version);
    }

    [Fact]
    public async Task Warnings_come_with_the_answer()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var put = await ada.Api.Policies.PutAsync(project.Id, new("version: 1\ndefault: allow\nrules: []\n"), Ct);

        Assert.Contains(put.Diagnostics!, static one => one is { Severity: "warning", Code: "default-allow", Line: 2 });
    }

    [Fact]
    public async Task The_same_text_makes_no_new_version()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var put = await ada.Api.Policies.PutAsync(project.Id, new(project.PolicyYaml, "again"), Ct);

        Assert.Equal((1, null), (put.Version, put.Reason));
        Assert.Single((await ada.Api.Policies.ListVersionsAsync(project.Id, Ct)).Items);
    }

    [Fact]
    public async Task What_somebody_else_changed_is_not_overwritten()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        await ada.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs), Ct);

        await Answers.RefusedAsync(() => ada.Api.Policies.PutAsync(project.Id, new(Samples.DenyAll), Ct, ifVersion: 1), HttpStatusCode.PreconditionFailed, "policy.changed");

        Assert.Equal(Samples.AllowDocs, (await ada.Api.Policies.GetAsync(project.Id, Ct)).PolicyYaml);
    }

    [Fact]
    public async Task Of_those_who_change_one_version_at_once_one_succeeds()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/projects/{project.Id:D}/policy") { Content = Answers.Json($$"""{"policy_yaml": "version: 1\nname: n{{number}}\ndefault: deny\nrules: []\n"}""") };
            request.Headers.TryAddWithoutValidation("If-Match", "\"v1\"");
            using var answer = await ada.Http.SendAsync(request, Ct);
            return answer.StatusCode;
        }));

        Assert.Equal(1, outcomes.Count(static status => status == HttpStatusCode.OK));
        Assert.All(outcomes, static status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.PreconditionFailed, status.ToString()));
        Assert.Equal([2, 1], (await ada.Api.Policies.ListVersionsAsync(project.Id, Ct)).Items.Select(static one => one.Version));
    }

    [Theory]
    [InlineData("""{}""", "policy_yaml")]
    [InlineData("""{"policy_yaml": 1}""", "policy_yaml")]
    [InlineData("""{"policy_yaml": "version: 1", "author": "eve"}""", "author")]
    public async Task A_field_that_is_wrong_is_named(string body, string field)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.PutAsync($"/projects/{project.Id:D}/policy", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task An_approver_may_not_and_a_visitor_neither()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "approver", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.PutAsync($"/projects/{project.Id:D}/policy", Answers.Json("{}"), Ct);

        await Answers.RefusedAsync(() => bob.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs), Ct), HttpStatusCode.Forbidden, "permission.missing");
        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_policy_of_others_does_not_exist()
    {
        var ((_, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs), Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}

/// <summary>Policies for tests.</summary>
internal static class Samples
{
    public const string DenyAll = "version: 1\ndefault: deny\nrules: []\n";

    public const string AllowDocs =
        """
        version: 1
        default: deny
        rules:
          - id: read-docs
            tool: fs.read_file
            decision: allow
            conditions: {path_prefix: /data/docs}

        """;
}
