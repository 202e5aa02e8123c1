using System.Net;
using System.Text.Json;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Policies;

public sealed class ValidatePolicyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Errors_warnings_and_findings_come_with_their_places_and_nothing_is_stored()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var good = await ada.Api.Policies.ValidateAsync(project.Id, new(Samples.AllowDocs), Ct);
        var bad = await ada.Api.Policies.ValidateAsync(project.Id, new("version: 2\n"), Ct);
        var wide = await ada.Api.Policies.ValidateAsync(project.Id, new("version: 1\ndefault: deny\nrules:\n  - {id: all, tool: '*', decision: allow}\n"), Ct);

        Assert.True(good.Valid);
        Assert.False(bad.Valid);
        Assert.Contains(bad.Diagnostics, static one => one is { Severity: "error", Line: 1 });
        Assert.True(wide.Valid);
        Assert.Contains(wide.Diagnostics, static one => one is { Severity: "warning", Code: "allow-everything" });
        Assert.Equal(1, (await ada.Api.Policies.GetAsync(project.Id, Ct)).Version);
    }

    [Fact]
    public async Task A_stranger_and_a_visitor_ask_in_vain()
    {
        var ((ada, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        using var visitor = server.Visitor();
        using var closed = await visitor.PostAsync($"/projects/{project.Id:D}/policy/validate", Answers.Json("{}"), Ct);
        using var empty = await ada.Http.PostAsync($"/projects/{project.Id:D}/policy/validate", Answers.Json("{}"), Ct);

        await closed.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        await empty.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
        await Answers.RefusedAsync(() => eve.Api.Policies.ValidateAsync(project.Id, new(Samples.AllowDocs), Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}

public sealed class DiffPolicyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_draft_is_told_by_calls_that_it_decides_otherwise()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);

        var diff = await ada.Api.Policies.DiffAsync(project.Id, new(Samples.AllowDocs), Ct);

        Assert.Equal((1, "more_permissive"), (diff.AgainstVersion, diff.Change));
        var witness = Assert.Single(diff.Witnesses);
        Assert.True(witness.MorePermissive);
        Assert.Equal(("fs.read_file", "deny", "allow", "read-docs"), (witness.Call.Tool, witness.Before.Decision, witness.After.Decision, witness.After.Rule));
        Assert.Contains(witness.After.Trace!, static rule => rule is { Rule: "read-docs", Matched: true });
        Assert.StartsWith("/data/docs", witness.Call.Arguments!.Value.GetProperty("path").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_in_force_is_proved_equivalent_to_itself()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.AllowDocs);

        var diff = await ada.Api.Policies.DiffAsync(project.Id, new(Samples.AllowDocs), Ct);

        Assert.Equal(("equivalent", true), (diff.Change, diff.Proved));
        Assert.Empty(diff.Witnesses);
    }

    [Fact]
    public async Task A_draft_that_does_not_load_is_refused_and_so_are_strangers_and_visitors()
    {
        var ((ada, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        using var visitor = server.Visitor();
        using var closed = await visitor.PostAsync($"/projects/{project.Id:D}/policy/diff", Answers.Json("{}"), Ct);

        var problem = await Answers.RefusedAsync(() => ada.Api.Policies.DiffAsync(project.Id, new("version: 2\n"), Ct), HttpStatusCode.BadRequest, "policy.invalid");
        Assert.NotEmpty(problem.Diagnostics);
        await closed.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        await Answers.RefusedAsync(() => eve.Api.Policies.DiffAsync(project.Id, new(Samples.AllowDocs), Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}

public sealed class SimulatePolicyTests(ShieldServer server)
{
    private static readonly PolicyCall Read = new("fs.read_file", JsonSerializer.SerializeToElement(new { path = "/data/docs/a.md" }));
    private static readonly PolicyCall Delete = new("fs.delete_file", JsonSerializer.SerializeToElement(new { path = "/data/docs/a.md" }));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Given_calls_are_decided_by_both_in_their_order()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);

        var run = await ada.Api.Policies.SimulateAsync(project.Id, new(Samples.AllowDocs, [Read, Delete]), Ct);

        Assert.Equal((2, 1, 1, 0), (run.Calls, run.Changed, run.MorePermissive, run.Skipped));
        Assert.Equal(["fs.read_file deny allow", "fs.delete_file deny deny"], run.Items.Select(static one => $"{one.Call.Tool} {one.Before.Decision} {one.After.Decision}"));
    }

    [Fact]
    public async Task Without_a_draft_the_policy_in_force_is_asked()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.AllowDocs);

        var run = await ada.Api.Policies.SimulateAsync(project.Id, new(Calls: [Read]), Ct);

        Assert.Equal((0, "allow"), (run.Changed, Assert.Single(run.Items).After.Decision));
    }

    [Fact]
    public async Task Calls_on_record_are_asked_again_with_what_is_kept_of_them()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct, Samples.DenyAll);
        var key = await ada.Api.Keys.CreateAsync(project.Id, new(Agent: "tester"), Ct);
        await CallAsync(key.Key, "nothing__here", """{"path": "/data/docs/a.md"}""");

        var run = await ada.Api.Policies.SimulateAsync(project.Id, new("version: 1\ndefault: deny\nrules:\n  - {id: all, tool: '*', decision: allow, conditions: {principal: {agents: [tester]}}}\n", Recorded: new(Days: 1)), Ct);

        var one = Assert.Single(run.Items);
        Assert.Equal(("deny", "tester"), (one.Recorded, one.Call.Context!.Principal!.Agent));
        Assert.Equal("/data/docs/a.md", one.Call.Arguments!.Value.GetProperty("path").GetString());
        Assert.NotNull(one.CallId);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"calls": [], "recorded": {}}""")]
    [InlineData("""{"recorded": {"limit": 1001}}""")]
    [InlineData("""{"calls": [{"arguments": {}}]}""")]
    [InlineData("""{"calls": [{"tool": "a.b", "colour": "red"}]}""")]
    public async Task A_question_that_makes_no_sense_is_refused(string body)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync($"/projects/{project.Id:D}/policy/simulate", Answers.Json(body), Ct);

        await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
    }

    [Fact]
    public async Task More_than_a_thousand_calls_are_too_many()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        await Answers.RefusedAsync(() => ada.Api.Policies.SimulateAsync(project.Id, new(Calls: [.. Enumerable.Repeat(Read, 1_001)]), Ct), HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task A_draft_that_does_not_load_is_refused_and_so_are_strangers_and_visitors()
    {
        var ((ada, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        using var visitor = server.Visitor();
        using var closed = await visitor.PostAsync($"/projects/{project.Id:D}/policy/simulate", Answers.Json("{}"), Ct);

        await Answers.RefusedAsync(() => ada.Api.Policies.SimulateAsync(project.Id, new("version: 2\n", [Read]), Ct), HttpStatusCode.BadRequest, "policy.invalid");
        await closed.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        await Answers.RefusedAsync(() => eve.Api.Policies.SimulateAsync(project.Id, new(Calls: [Read]), Ct), HttpStatusCode.NotFound, "project.not-found");
    }

    // As an agent does, over the wire: what is refused is on record too.
    private async Task CallAsync(string key, string tool, string arguments)
    {
        using var http = server.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = Answers.Json($$$"""{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "{{{tool}}}", "arguments": {{{arguments}}}, "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"}, "io.modelcontextprotocol/clientCapabilities": {} } } }"""),
            Headers = { { "X-API-Key", key }, { "Accept", "application/json, text/event-stream" }, { "MCP-Protocol-Version", "2026-07-28" }, { "Mcp-Method", "tools/call" }, { "Mcp-Name", tool } },
        };
        using var answer = await http.SendAsync(request, Ct);
        Assert.Contains("Unknown tool", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }
}

public sealed class TryPolicyTests(ShieldServer server)
{
    private const string Body = """{"policy_yaml": "version: 1\ndefault: deny\nrules:\n  - {id: read, tool: fs.read_file, decision: allow, conditions: {path_prefix: /data}}\n", "tool": "fs.read_file", "arguments": {"path": "/data/../etc/passwd"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Anyone_asks_a_policy_about_a_call_and_sees_why()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/policy/simulate", Answers.Json(Body), Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var decision = await answer.JsonAsync(Ct);
        Assert.Equal(("deny", "default"), ((string?)decision["decision"], (string?)decision["reason"]));
        Assert.Equal(("read", false), ((string?)decision["trace"]![0]!["rule"], (bool?)decision["trace"]![0]!["matched"]));
    }

    [Fact]
    public async Task A_policy_that_does_not_load_says_where()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/policy/simulate", Answers.Json("""{"policy_yaml": "version: 2", "tool": "a.b"}"""), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.BadRequest, "policy.invalid", Ct);
        Assert.Equal(1, (int?)problem["diagnostics"]![0]!["line"]);
    }

    [Fact]
    public async Task More_than_64_kilobytes_are_too_many()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/policy/simulate", Answers.Json($$"""{"policy_yaml": "{{new string('#', 70_000)}}", "tool": "a.b"}"""), Ct);

        await answer.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, "request.too-large", Ct);
    }

    [Fact]
    public async Task One_address_asks_twenty_times_a_minute()
    {
        using var visitor = server.Visitor();
        for (var attempt = 0; attempt < 20; attempt++)
        {
            using var fine = await visitor.PostAsync("/policy/simulate", Answers.Json(Body), Ct);
            Assert.Equal(HttpStatusCode.OK, fine.StatusCode);
        }

        using var answer = await visitor.PostAsync("/policy/simulate", Answers.Json(Body), Ct);

        await answer.IsProblemAsync(HttpStatusCode.TooManyRequests, "policy.too-many", Ct);
        Assert.NotNull(answer.Headers.RetryAfter);
    }
}
