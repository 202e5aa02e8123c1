using System.Net;

namespace McpShield.Server.Tests.Policies;

public sealed class PolicyVersionsTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_history_holds_who_changed_what_and_why_newest_first()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);
        var bob = await server.ColleagueAsync(ada, "bob", "developer", Ct);
        await bob.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs, "agents read docs"), Ct);

        var first = await ada.Api.Policies.ListVersionsAsync(project.Id, Ct, limit: 1);
        var second = await ada.Api.Policies.ListVersionsAsync(project.Id, Ct, first.NextCursor, limit: 1);

        var now = Assert.Single(first.Items);
        Assert.Equal((2, "bob Test", "agents read docs", true), (now.Version, now.Author, now.Reason, now.IsCurrent));
        var before = Assert.Single(second.Items);
        Assert.Equal((1, "ada Test", false), (before.Version, before.Author, before.IsCurrent));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public async Task A_version_says_what_it_changed()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);
        await ada.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs), Ct);

        var (first, second) = (await ada.Api.Policies.GetVersionAsync(project.Id, 1, Ct), await ada.Api.Policies.GetVersionAsync(project.Id, 2, Ct));

        Assert.Equal((Samples.DenyAll, null), (first.PolicyYaml, first.Change));
        Assert.Empty(first.Diff);
        Assert.Equal("more_permissive", second.Change);
        Assert.Equal(
            ["@@ -1,3 +1,7 @@", " version: 1", " default: deny", "-rules: []", "+rules:", "+  - id: read-docs", "+    tool: fs.read_file", "+    decision: allow", "+    conditions: {path_prefix: /data/docs}"],
            second.Diff);
    }

    [Fact]
    public async Task A_restored_version_is_a_new_one_with_the_old_text()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);
        await ada.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs), Ct);

        var restored = await ada.Api.Policies.RestoreAsync(project.Id, 1, new(), Ct, ifVersion: 2);

        Assert.Equal((3, Samples.DenyAll, "restored version 1"), (restored.Version, restored.PolicyYaml, restored.Reason));
        await Answers.RefusedAsync(() => ada.Api.Policies.RestoreAsync(project.Id, 2, new("back"), Ct, ifVersion: 2), HttpStatusCode.PreconditionFailed, "policy.changed");
    }

    [Fact]
    public async Task A_restore_needs_no_body()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);
        await ada.Api.Policies.PutAsync(project.Id, new(Samples.AllowDocs), Ct);

        using var answer = await ada.Http.PostAsync($"/projects/{project.Id:D}/policy/versions/1/restore", content: null, Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("\"v3\"", answer.Headers.ETag?.ToString());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string field)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/projects/{project.Id:D}/policy/versions?{query}", Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task A_version_that_never_was_is_not_found()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        await Answers.RefusedAsync(() => ada.Api.Policies.GetVersionAsync(project.Id, 2, Ct), HttpStatusCode.NotFound, "policy.version-not-found");
        await Answers.RefusedAsync(() => ada.Api.Policies.RestoreAsync(project.Id, 9, new(), Ct), HttpStatusCode.NotFound, "policy.version-not-found");
    }

    [Fact]
    public async Task An_auditor_reads_the_history_and_restores_nothing()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "auditor", Ct);

        Assert.Single((await bob.Api.Policies.ListVersionsAsync(project.Id, Ct)).Items);
        await Answers.RefusedAsync(() => bob.Api.Policies.RestoreAsync(project.Id, 1, new(), Ct), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task The_history_of_others_does_not_exist_and_a_visitor_sees_none()
    {
        var ((_, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync($"/projects/{project.Id:D}/policy/versions", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        await Answers.RefusedAsync(() => eve.Api.Policies.ListVersionsAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Policies.GetVersionAsync(project.Id, 1, Ct), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Policies.RestoreAsync(project.Id, 1, new(), Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}
