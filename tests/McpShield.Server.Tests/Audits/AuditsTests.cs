using System.Net;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Audits;

public sealed class AuditsTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_decision_is_there_with_who_what_and_why()
    {
        var (ada, project, key) = await SomebodyAsync();
        await server.CallAsync(key, "fs__read", Ct);

        var entry = Assert.Single((await ada.Api.Audits.ListAsync(new(Kind: "decision"), Ct)).Items);

        Assert.Equal(("deny", "unknown_tool", project.Id, "robot", "enforced"), (entry.Decision, entry.Reason, entry.ProjectId, entry.Agent, entry.Source));
        var story = await ada.Api.Audits.GetAsync(entry.Id, Ct);
        Assert.Equal(entry.Id, story.Entry.Id);
        Assert.True(story.Chain.Seq > 1);
        Assert.Equal("decision", story.Envelope.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Filters_hold_together_and_pages_visit_each_entry_once()
    {
        var (ada, project, key) = await SomebodyAsync();
        for (var number = 0; number < 5; number++) await server.CallAsync(key, $"fs__read_{number}", Ct);

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await ada.Api.Audits.ListAsync(new(Decision: "deny", ProjectId: project.Id, Cursor: cursor, Limit: 2), Ct);
            seen.AddRange(page.Items.Select(static entry => entry.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        Assert.Equal(seen, seen.OrderDescending());
        Assert.Empty((await ada.Api.Audits.ListAsync(new(Decision: "allow"), Ct)).Items);
        Assert.Single((await ada.Api.Audits.ListAsync(new(Text: "READ_3"), Ct)).Items);
        Assert.Empty((await ada.Api.Audits.ListAsync(new(To: TimeProvider.System.GetUtcNow().AddHours(-1)), Ct)).Items);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("decision=maybe", "decision")]
    [InlineData("kind=rumour", "kind")]
    [InlineData("cursor=xyz", "cursor")]
    [InlineData("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to")]
    public async Task A_question_that_makes_no_sense_is_refused_with_the_field(string query, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/audits?{query}", Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Theory]
    [InlineData("/audits?from=yesterday")]
    [InlineData("/audits?project_id=1")]
    [InlineData("/audits?limit=many")]
    public async Task A_parameter_of_the_wrong_form_is_refused(string path)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync(path, Ct);

        await answer.IsProblemAsync(HttpStatusCode.BadRequest, "request.unreadable", Ct);
    }

    [Theory]
    [InlineData("/audits")]
    [InlineData("/audits/export")]
    [InlineData("/audits/stream")]
    [InlineData("/audits/verify")]
    [InlineData("/audits/01939000-0000-7000-8000-000000000001")]
    public async Task Nobody_reads_the_log_without_signing_in(string path)
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.GetAsync(path, Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task What_others_do_does_not_exist()
    {
        var (ada, project, key) = await SomebodyAsync();
        await server.CallAsync(key, "fs__read", Ct);
        var entry = Assert.Single((await ada.Api.Audits.ListAsync(new(Kind: "decision"), Ct)).Items);
        var eve = await server.SignInAsync("eve", Ct);

        Assert.Empty((await eve.Api.Audits.ListAsync(new(), Ct)).Items);
        Assert.Empty((await eve.Api.Audits.ListAsync(new(ProjectId: project.Id), Ct)).Items);
        await Answers.RefusedAsync(() => eve.Api.Audits.GetAsync(entry.Id, Ct), HttpStatusCode.NotFound, "audit.not-found");
        await Answers.RefusedAsync(() => eve.Api.Audits.ListAsync(new(OrganizationId: ada.OrganizationId), Ct), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task An_approver_reads_but_takes_nothing_out_of_the_house()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, "approver", Ct);

        await bob.Api.Audits.ListAsync(new(OrganizationId: ada.OrganizationId), Ct);
        await Answers.RefusedAsync(() => bob.Api.Audits.ExportAsync(new(OrganizationId: ada.OrganizationId), "csv", Ct), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task An_export_holds_all_and_no_cell_is_a_formula()
    {
        var (ada, _, key) = await SomebodyAsync();
        for (var number = 0; number < 3; number++) await server.CallAsync(key, $"fs__read_{number}", Ct);

        using var lines = new StreamReader(await ada.Api.Audits.ExportAsync(new(Kind: "decision"), "jsonl", Ct));
        var entries = (await lines.ReadToEndAsync(Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(3, entries.Count);
        Assert.Equal(entries.Select(static entry => (string?)entry["timestamp"]), entries.Select(static entry => (string?)entry["timestamp"]).Order(StringComparer.Ordinal));

        using var table = new StreamReader(await ada.Api.Audits.ExportAsync(new(Kind: "decision"), "csv", Ct));
        var rows = (await table.ReadToEndAsync(Ct)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, rows.Length);
        Assert.StartsWith("timestamp,kind,decision,tool_name,", rows[0], StringComparison.Ordinal);
        await Answers.RefusedAsync(() => ada.Api.Audits.ExportAsync(new(), "xlsx", Ct), HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task Who_watches_sees_a_call_as_it_happens_and_nothing_of_others()
    {
        var (ada, _, key) = await SomebodyAsync();
        var (_, _, strange) = await SomebodyAsync();
        using var other = await ada.Http.GetAsync("/audits/stream", HttpCompletionOption.ResponseHeadersRead, Ct);
        using var answer = await ada.Http.GetAsync("/audits/stream", HttpCompletionOption.ResponseHeadersRead, Ct); // the second of two
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.Equal("event: ping", await lines.ReadLineAsync(Ct));

        await server.CallAsync(strange, "fs__strange", Ct);
        await server.CallAsync(key, "fs__mine", Ct);

        // What ada did herself comes when it is drained: before or after.
        string? line;
        do line = await lines.ReadLineAsync(Ct);
        while (line?.Contains("fs__", StringComparison.Ordinal) is false);
        Assert.Contains("fs__mine", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chain_holds()
    {
        var (ada, _, key) = await SomebodyAsync();
        await server.CallAsync(key, "fs__read", Ct);

        var found = await ada.Api.Audits.VerifyAsync(Ct);

        Assert.True(found.Holds);
        Assert.True(found.Records >= 1);
    }

    private async Task<(Person Person, ProjectResponse Project, string Key)> SomebodyAsync()
    {
        var person = await server.SignInAsync("ada", Ct, Plan.Pro);
        var project = await person.Api.Projects.CreateAsync(new("p"), Ct);
        return (person, project, await server.GiveKeyAsync(project.Id, Ct));
    }
}
