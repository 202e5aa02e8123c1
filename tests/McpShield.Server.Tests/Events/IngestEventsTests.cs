using System.Globalization;
using System.Net;
using McpShield.Contracts;
using McpShield.Data.Audits;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Events;

public sealed class IngestEventsTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Now => TimeProvider.System.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_founding_documents_event_is_taken_as_it_stands_counted_and_audited()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);

        var answer = await agent.IngestAsync($$"""{ "tool": "filesystem.read", "decision": "allow", "timestamp": "{{Now}}" }""", Ct);

        Assert.Equal((1, 0), ((int)answer["accepted"]!, (int)answer["duplicates"]!));
        Assert.Equal((1, 10_000), ((long)answer["usage"]!["event_count"]!, (long)answer["usage"]!["limit"]!));
        var stored = await server.ReadAsync(db => db.UsageEvents.SingleAsync(one => one.ProjectId == agent.ProjectId, Ct));
        Assert.Equal(("filesystem.read", "allow", "policy_check"), (stored.ToolName, stored.Decision, stored.EventType));
        var audits = server.Services.GetRequiredService<AuditReader>();
        await Agents.UntilAsync(async () => (await audits.ListAsync(new() { Scope = AuditScope.Of(ada.OrganizationId), Source = "reported" }, Ct)).Entries.Count == 1, Ct);
        var entry = (await audits.ListAsync(new() { Scope = AuditScope.Of(ada.OrganizationId) }, Ct)).Entries.Single();
        Assert.Equal(("allow", "filesystem.read", "tester"), (entry.Decision, entry.Tool, entry.Agent));
    }

    [Fact]
    public async Task A_list_is_taken_whole_and_what_it_repeats_counts_once()
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);

        var answer = await agent.Api.Events.IngestAsync(new IngestEventsRequest([new(ToolName: "a.b", EventId: "1"), new(ToolName: "a.b", EventId: "2", Decision: "deny"), new(ToolName: "a.b", EventId: "1")]), Ct);
        var again = await agent.Api.Events.IngestAsync(new IngestEventsRequest([new(EventId: "2"), new(EventId: "3")]), Ct);

        Assert.Equal((2, 1, 2L), (answer.Accepted, answer.Duplicates, answer.Usage.EventCount));
        Assert.Equal((1, 1, 3L), (again.Accepted, again.Duplicates, again.Usage.EventCount));
    }

    [Fact]
    public async Task An_event_that_is_told_a_hundred_times_at_once_counts_once()
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => agent.Api.Events.IngestAsync(new IngestEvent(ToolName: "a.b", Decision: "allow", EventId: "the one"), Ct)));

        Assert.Equal(1, answers.Sum(static one => one.Accepted));
        Assert.Equal(99, answers.Sum(static one => one.Duplicates));
        Assert.All(answers, static one => Assert.Equal(1, one.Usage.EventCount));
        Assert.Equal(1, await server.ReadAsync(db => db.UsageDaily.Where(row => row.ProjectId == agent.ProjectId).SumAsync(static row => row.EventCount, Ct)));
    }

    [Fact]
    public async Task The_same_name_is_another_event_in_another_project()
    {
        using var one = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);
        using var other = await server.AgentAsync(await server.SignInAsync("bob", Ct), Ct);

        Assert.Equal(1, (await one.Api.Events.IngestAsync(new IngestEvent(EventId: "same"), Ct)).Accepted);
        Assert.Equal(1, (await other.Api.Events.IngestAsync(new IngestEvent(EventId: "same"), Ct)).Accepted);
    }

    [Theory]
    [InlineData("""{"colour": "red"}""", "colour")]
    [InlineData("""{"decision": "perhaps"}""", "decision")]
    [InlineData("""{"decision": true}""", "decision")]
    [InlineData("""{"tool": ""}""", "tool")]
    [InlineData("""{"tool": "a", "tool_name": "b"}""", "tool_name")]
    [InlineData("""{"tool": "a\u0000b"}""", "tool")]
    [InlineData("""{"event_type": "party"}""", "event_type")]
    [InlineData("""{"timestamp": "yesterday"}""", "timestamp")]
    [InlineData("""{"timestamp": "2020-01-01T00:00:00Z"}""", "timestamp")]
    [InlineData("""{"timestamp": "2999-01-01T00:00:00Z"}""", "timestamp")]
    [InlineData("""{"metadata": [1]}""", "metadata")]
    [InlineData("""{"event_id": 7}""", "event_id")]
    [InlineData("""{"decision_id": "x"}""", "decision_id")]
    [InlineData("""{"duration_ms": -1}""", "duration_ms")]
    [InlineData("""{"outcome": "well"}""", "outcome")]
    [InlineData("""{"events": []}""", "events")]
    [InlineData("""{"events": [{"tool": "a"}], "tool": "b"}""", "tool")]
    [InlineData("""{"events": [{"tool": "a"}, {"decision": "no"}]}""", "events[1].decision")]
    [InlineData("""{"events": [{"tool": "a"}, 7]}""", "events[1]")]
    [InlineData("""[]""", "body")]
    public async Task What_is_wrong_is_refused_with_its_place_and_none_of_the_request_is_taken(string body, string place)
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);

        using var answer = await agent.Http.PostAsync("/events/ingest", Answers.Json(body), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
        Assert.NotNull(problem["errors"]![place]);
        Assert.Equal(0, await server.ReadAsync(db => db.UsageEvents.CountAsync(one => one.ProjectId == agent.ProjectId, Ct)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"tool": "a",}""")]
    [InlineData("""{"tool": "a", "tool": "a"}""")]
    [InlineData("""{"metadata": {"a": 1, "a": 2}}""")]
    public async Task What_is_no_strict_JSON_is_refused(string body)
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);

        using var answer = await agent.Http.PostAsync("/events/ingest", Answers.Json(body), Ct);

        await answer.IsProblemAsync(HttpStatusCode.BadRequest, "request.unreadable", Ct);
    }

    [Fact]
    public async Task Metadata_of_any_shape_is_kept_without_its_secrets_and_never_costs_others_their_events()
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);

        await agent.IngestAsync("""{"events": [{"event_id": "odd", "metadata": {"nul": "\u0000", "huge": 1e200000, "exact": 1.10}}, {"event_id": "plain", "metadata": {"key": "AKIAIOSFODNN7EXAMPLE"}}]}""", Ct);

        var rows = await server.ReadAsync(db => db.UsageEvents.Where(one => one.ProjectId == agent.ProjectId).ToDictionaryAsync(static one => one.EventId, static one => one.Metadata!, Ct));
        Assert.Contains("1.10", rows["odd"], StringComparison.Ordinal);
        Assert.DoesNotContain("AKIAIOSFODNN7EXAMPLE", rows["plain"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_at_the_limit_are_taken_and_beyond_it_refused()
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);
        var many = string.Join(",", Enumerable.Repeat("""{"tool":"a.b"}""", 1_000));
        var filler = new string('x', 16 * 1024 - 8);

        Assert.Equal(1_000, (int)(await agent.IngestAsync($$"""{"events":[{{many}}]}""", Ct))["accepted"]!);
        await agent.IngestAsync($$$"""{"metadata":{"a":"{{{filler}}}"}}""", Ct);
        using var tooMany = await agent.Http.PostAsync("/events/ingest", Answers.Json($$"""{"events":[{{many}},{}]}"""), Ct);
        await tooMany.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
        using var tooLong = await agent.Http.PostAsync("/events/ingest", Answers.Json($$$"""{"metadata":{"a":"{{{filler}}}x"}}"""), Ct);
        await tooLong.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);

        // It is refused by its length: who waits for leave to send it need not send it.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events/ingest") { Content = Answers.Json(new string('x', 5 * 1024 * 1024)), Headers = { ExpectContinue = true } };
        using var tooLarge = await agent.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
    }

    [Fact]
    public async Task Nobody_reports_without_a_key_and_a_person_is_no_program()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var visitor = server.Visitor();

        using var unknown = await visitor.PostAsync("/events/ingest", Answers.Json("{}"), Ct);
        using var person = await ada.Http.PostAsync("/events/ingest", Answers.Json("{}"), Ct);

        await unknown.IsProblemAsync(HttpStatusCode.Unauthorized, "key.invalid", Ct);
        await person.IsProblemAsync(HttpStatusCode.Unauthorized, "key.invalid", Ct);
    }

    [Fact]
    public async Task What_reports_on_a_decision_of_ours_adds_its_end_and_counts_nothing()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct, "version: 1\ndefault: allow\nrules: []\n");
        var decided = await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
        await Agents.UntilAsync(() => server.ReadAsync(db => db.UsageMonthly.AnyAsync(one => one.UserId == ada.UserId && one.EventCount == 1, Ct)), Ct);

        var answer = await agent.Api.Events.IngestAsync(new IngestEvent(ToolName: "a.b", DecisionId: decided.DecisionId, Outcome: "succeeded", DurationMs: 12), Ct);
        var again = await agent.Api.Events.IngestAsync(new IngestEvent(ToolName: "a.b", DecisionId: decided.DecisionId, Outcome: "failed"), Ct);

        Assert.Equal((1, 1L), (answer.Accepted, answer.Usage.EventCount));
        Assert.Equal((0, 1L), (again.Accepted, again.Usage.EventCount));
        var audits = server.Services.GetRequiredService<AuditReader>();
        await Agents.UntilAsync(async () => (await audits.FindAsync(ada.OrganizationId, decided.DecisionId, Ct))!.Entry.Status is not null, Ct);
        var entry = (await audits.FindAsync(ada.OrganizationId, decided.DecisionId, Ct))!.Entry;
        Assert.Equal(("succeeded", 12_000L), (entry.Status, entry.DurationMicroseconds));
    }

    [Fact]
    public async Task A_decision_of_somebody_else_is_nothing_but_a_name()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        using var his = await server.AgentAsync(bob, Ct, "version: 1\ndefault: allow\nrules: []\n");
        using var hers = await server.AgentAsync(ada, Ct);
        var decided = await his.Api.Events.EvaluateAsync(new("a.b"), Ct);

        var answer = await hers.Api.Events.IngestAsync(new IngestEvent(ToolName: "a.b", Decision: "allow", DecisionId: decided.DecisionId, Outcome: "failed"), Ct);

        Assert.Equal((1, 1L), (answer.Accepted, answer.Usage.EventCount));
        var audits = server.Services.GetRequiredService<AuditReader>();
        await Agents.UntilAsync(async () => (await audits.ListAsync(new() { Scope = AuditScope.Of(ada.OrganizationId) }, Ct)).Entries.Count == 1, Ct);
        Assert.Null((await audits.FindAsync(bob.OrganizationId, decided.DecisionId, Ct))!.Entry.Status);
    }

    [Fact]
    public async Task A_plan_that_warns_warns_and_takes_what_is_beyond()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await Agents.LimitAsync(server.Services, ada, new(MaxEvents: 5, MaxProjects: null, AuditRetentionDays: null, MaxAiGenerations: null, PastLimit: PastLimit.Warn), Ct);
        using var agent = await server.AgentAsync(ada, Ct);

        var below = await agent.Api.Events.IngestAsync(new IngestEventsRequest([new(), new(), new()]), Ct);
        var near = await agent.Api.Events.IngestAsync(new IngestEvent(), Ct);
        var beyond = await agent.Api.Events.IngestAsync(new IngestEventsRequest([new(), new()]), Ct);

        Assert.Null(below.Warning);
        Assert.Equal(80, near.Usage.Percent);
        Assert.NotNull(near.Warning);
        Assert.Contains("Upgrade", beyond.Warning, StringComparison.Ordinal);
        Assert.Equal((2, 6L), (beyond.Accepted, beyond.Usage.EventCount));
    }

    [Fact]
    public async Task A_plan_that_refuses_refuses_events_until_the_month_ends_or_the_plan_changes()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var limits = new PlanLimits(MaxEvents: 3, MaxProjects: null, AuditRetentionDays: null, MaxAiGenerations: null, PastLimit: PastLimit.Refuse);
        await Agents.LimitAsync(server.Services, ada, limits, Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        await agent.Api.Events.IngestAsync(new IngestEventsRequest([new(), new(), new()]), Ct);

        var refused = false;
        await Agents.UntilAsync(
            async () =>
            {
                using var answer = await agent.Http.PostAsync("/events/ingest", Answers.Json("""{"event_id": "again"}"""), Ct);
                if (answer.StatusCode != HttpStatusCode.TooManyRequests) return false;
                await answer.IsProblemAsync(HttpStatusCode.TooManyRequests, "plan.events-used-up", Ct);
                return refused = answer.Headers.RetryAfter!.Delta > TimeSpan.Zero;
            },
            Ct);
        Assert.True(refused);

        await Agents.LimitAsync(server.Services, ada, limits with { MaxEvents = 100 }, Ct);
        await Agents.UntilAsync(
            async () =>
            {
                using var answer = await agent.Http.PostAsync("/events/ingest", Answers.Json("""{"event_id": "after"}"""), Ct);
                return answer.StatusCode == HttpStatusCode.Accepted;
            },
            Ct);
    }
}
