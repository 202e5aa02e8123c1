using System.Net;

namespace McpShield.Server.Tests.Policies;

public sealed class GetPolicyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_policy_comes_with_the_tag_of_its_version()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/projects/{project.Id:D}/policy", Ct);

        Assert.Equal("\"v1\"", answer.Headers.ETag?.ToString());
        var body = await answer.JsonAsync(Ct);
        Assert.Equal((project.PolicyYaml, 1, "ada Test", 64), ((string?)body["policy_yaml"], (int?)body["version"], (string?)body["author"], ((string?)body["hash"])?.Length));
    }

    [Fact]
    public async Task Whoever_has_the_version_already_gets_nothing_again()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/projects/{project.Id:D}/policy") { Headers = { { "If-None-Match", "\"v1\"" } } };

        using var answer = await ada.Http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Ct));
    }

    [Fact]
    public async Task Nobody_reads_it_without_signing_in_and_no_stranger()
    {
        var ((_, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync($"/projects/{project.Id:D}/policy", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        await Answers.RefusedAsync(() => eve.Api.Policies.GetAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}

public sealed class GatewayPolicyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_gets_the_policy_of_its_keys_project_and_nothing_while_it_is_the_same()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.AllowDocs);
        var key = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        using var first = await server.AskAsync(key.Key, Ct);
        var body = await first.JsonAsync(Ct);
        Assert.Equal((Samples.AllowDocs, 1, "dev", project.Id.ToString("D")), ((string?)body["policy_yaml"], (int?)body["version"], (string?)body["environment"], (string?)body["project_id"]));
        var tag = first.Headers.ETag!.ToString();

        using (var again = await server.AskAsync(key.Key, Ct, tag)) Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        await ada.Api.Projects.UpdateAsync(project.Id, new(Environment: "prod"), Ct);
        using (var moved = await server.AskAsync(key.Key, Ct, tag)) Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
    }

    [Fact]
    public async Task No_key_no_policy()
    {
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync("/policy", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "key.invalid", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, await server.KnockAsync("mcps_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Ct));
    }
}

public sealed class PolicySchemaTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Anyone_gets_the_languages_schema_and_keeps_it()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.GetAsync("/policy/schema.json", Ct);
        Assert.Equal("application/schema+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl is { Public: true, MaxAge: not null });
        Assert.Equal("MCPShield policy, version 1", (string?)(await answer.JsonAsync(Ct))["title"]);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/policy/schema.json") { Headers = { { "If-None-Match", answer.Headers.ETag!.ToString() } } };
        using var again = await visitor.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }
}
