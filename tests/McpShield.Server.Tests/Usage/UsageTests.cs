using System.Net;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Tests.Events;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Usage;

public sealed class UsageTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    [Fact]
    public async Task A_summary_has_every_day_every_decision_every_project_and_the_months_standing()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var one = await server.AgentAsync(ada, Ct);
        using var other = await server.AgentAsync(ada, Ct);
        var now = TimeProvider.System.GetUtcNow();
        await one.Api.Events.IngestAsync(new IngestEventsRequest([new(ToolName: "fs.read", Decision: "allow"), new(ToolName: "fs.read", Decision: "deny"), new(ToolName: "fs.write", Decision: "approve", Timestamp: now.AddDays(-3)), new()]), Ct);
        await other.Api.Events.IngestAsync(new IngestEvent(ToolName: "fs.read", Decision: "allow"), Ct);

        var usage = await ada.Api.Usage.SummaryAsync(Ct, days: 7);

        Assert.Equal((7, 5L, Today), (usage.Series.Count, usage.Total, usage.To));
        Assert.Equal(new UsageDecisions(2, 1, 1, 1), usage.Decisions);
        Assert.Equal(new UsageSources(0, 5), usage.Sources);
        Assert.Equal(new UsageBucket(Today, 4, 2, 1, 0, 1, 0), usage.Series[^1]);
        Assert.Equal(new UsageBucket(Today.AddDays(-1), 0, 0, 0, 0, 0, 0), usage.Series[^2]);
        Assert.Equal([(one.ProjectId, 4L), (other.ProjectId, 1L)], usage.Projects.Select(static row => (row.ProjectId, row.EventCount)));
        Assert.Equal(new UsageOfTool("fs.read", 3, 1), usage.Tools[0]);
        Assert.Equal((5L, 10_000L, "free", "warn"), (usage.Month.EventCount, usage.Month.Limit, usage.Month.Plan, usage.Month.PastLimit));

        var narrowed = await ada.Api.Usage.SummaryAsync(Ct, projectId: other.ProjectId);
        Assert.Equal((30, 1L), (narrowed.Series.Count, narrowed.Total));
    }

    [Theory]
    [InlineData("week")]
    [InlineData("month")]
    public async Task Weeks_and_months_are_the_days_put_together(string by)
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        var now = TimeProvider.System.GetUtcNow();
        await agent.Api.Events.IngestAsync(new IngestEventsRequest([.. Enumerable.Range(0, 29).Select(i => new IngestEvent(Timestamp: now.AddDays(-i)))]), Ct);

        var usage = await ada.Api.Usage.SummaryAsync(Ct, days: 60, by: by);

        Assert.Equal(29, usage.Series.Sum(static one => one.Total));
        Assert.All(usage.Series.Skip(1), one => Assert.True(by == "week" ? one.From.DayOfWeek == DayOfWeek.Monday : one.From.Day == 1));
        Assert.Equal(Today.AddDays(-59), usage.Series[0].From);
    }

    [Fact]
    public async Task A_month_has_its_days_and_its_standing()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        await agent.Api.Events.IngestAsync(new IngestEvent(Decision: "deny"), Ct);

        var month = await ada.Api.Usage.MonthlyAsync(Ct);
        var before = await ada.Api.Usage.MonthlyAsync(Ct, year: 2025, month: 2);

        Assert.Equal((Today.Year, Today.Month, 1L, 1L), (month.Year, month.Month, month.Total, month.Usage.EventCount));
        Assert.Equal(DateTime.DaysInMonth(Today.Year, Today.Month), month.Series.Count);
        Assert.Equal((28, 0L), (before.Series.Count, before.Total));
    }

    [Theory]
    [InlineData("/usage/summary?days=2", "Accept")]
    [InlineData("/usage/summary?days=2&format=csv", "")]
    [InlineData("/usage/monthly?format=csv", "")]
    public async Task A_table_is_answered_to_who_asks_for_one(string path, string header)
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header.Length > 0) request.Headers.Add(header, "text/csv");

        using var answer = await ada.Http.SendAsync(request, Ct);

        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("from,total,allow,deny,approve,other,infrastructure\r\n", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_assistants_tokens_are_summed()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            var now = TimeProvider.System.GetUtcNow();
            for (var i = 0; i < 2; i++) db.AiGenerations.Add(new() { Id = Guid.CreateVersion7(now), OrgId = ada.OrganizationId, UserId = ada.UserId, Kind = "policy", Model = "m", PromptTokens = 10, CompletionTokens = 5, CreatedAt = now });
            await db.SaveChangesAsync(Ct);
        }

        Assert.Equal(new UsageOfAi(2, 20, 10, 3), (await ada.Api.Usage.SummaryAsync(Ct)).Ai);
    }

    [Theory]
    [InlineData("/usage/summary?days=0", "days")]
    [InlineData("/usage/summary?days=367", "days")]
    [InlineData("/usage/summary?by=hour", "by")]
    [InlineData("/usage/summary?format=xml", "format")]
    [InlineData("/usage/monthly?year=2025", "month")]
    [InlineData("/usage/monthly?year=1990&month=1", "year")]
    [InlineData("/usage/monthly?year=2025&month=13", "month")]
    public async Task A_question_that_makes_no_sense_is_refused_by_name(string path, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync(path, Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Theory]
    [InlineData("/usage/summary")]
    [InlineData("/usage/monthly")]
    public async Task Nobody_sees_usage_without_signing_in(string path)
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.GetAsync(path, Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task A_strangers_project_and_organization_are_not_there_and_a_members_are()
    {
        var (ada, bob, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct), await server.SignInAsync("eve", Ct));
        using var agent = await server.AgentAsync(ada, Ct);
        await agent.Api.Events.IngestAsync(new IngestEvent(), Ct);
        await server.JoinAsync(bob, ada, "auditor", Ct);

        await Answers.RefusedAsync(() => eve.Api.Usage.SummaryAsync(Ct, projectId: agent.ProjectId), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Usage.SummaryAsync(Ct, organizationId: ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
        await Answers.RefusedAsync(() => eve.Api.Usage.MonthlyAsync(Ct, organizationId: ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
        Assert.Equal(1, (await bob.Api.Usage.SummaryAsync(Ct, organizationId: ada.OrganizationId)).Total);
        Assert.Equal(0, (await eve.Api.Usage.SummaryAsync(Ct)).Total);
    }
}
