using McpShield.Data;
using McpShield.Data.Usage;
using McpShield.Server.Features.Events;
using McpShield.Server.Tests.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.Server.Tests.Background;

public sealed class CountingTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ShieldDatabase Database => server.Services.GetRequiredService<ShieldDatabase>();

    [Fact]
    public async Task Ten_thousand_events_told_to_two_writers_at_once_count_ten_thousand()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        await using var one = new EventWriter(Database, TimeProvider.System, NullLogger<EventWriter>.Instance);
        await using var other = new EventWriter(Database, TimeProvider.System, NullLogger<EventWriter>.Instance);

        // Every event is told to both, in an order of its own.
        var told = Enumerable.Range(0, 10_000).Select(i => (one, i)).Concat(Enumerable.Range(0, 10_000).Select(i => (other, 9_999 - i)))
            .Select(pair => pair.Item1.TryAdd(Batch(ada, agent, $"e{pair.Item2}"))!).ToList();
        var answers = await Task.WhenAll(told);

        Assert.Equal(10_000, answers.Sum(static answer => answer.Accepted));
        Assert.Equal(10_000, answers.Max(static answer => answer.MonthCount));
        Assert.Equal(10_000, await server.ReadAsync(db => db.UsageMonthly.Where(row => row.UserId == ada.UserId).SumAsync(static row => row.EventCount, Ct)));
        Assert.Equal(10_000, await server.ReadAsync(db => db.UsageDaily.Where(row => row.OrgId == ada.OrganizationId).SumAsync(static row => row.EventCount, Ct)));
    }

    [Fact]
    public async Task One_request_of_a_project_that_is_gone_does_not_cost_the_others_theirs()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        await using var writer = new EventWriter(Database, TimeProvider.System, NullLogger<EventWriter>.Instance);
        var gone = Batch(ada, agent, "gone") with { ProjectId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) };

        var answers = await Task.WhenAll(writer.TryAdd(Batch(ada, agent, "1"))!, writer.TryAdd(gone)!, writer.TryAdd(Batch(ada, agent, "2"))!);

        Assert.Equal([true, false, true], answers.Select(static answer => answer.IsProjectThere));
        Assert.Equal(2, await server.ReadAsync(db => db.UsageEvents.CountAsync(row => row.ProjectId == agent.ProjectId, Ct)));
    }

    [Fact]
    public async Task Events_of_a_connections_tools_are_infrastructure()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        await using (var db = Database.Open())
        {
            db.Add(new Data.Projects.Connection { Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), ProjectId = agent.ProjectId, Name = "orders", System = "sqlite", Target = "none.db", CreatedAt = TimeProvider.System.GetUtcNow() });
            await db.SaveChangesAsync(Ct);
        }

        await agent.Api.Events.IngestAsync(new Contracts.IngestEventsRequest([new(ToolName: "orders.query"), new(ToolName: "ordersx.query")]), Ct);

        Assert.Equal(1, await server.ReadAsync(db => db.UsageDaily.Where(row => row.ProjectId == agent.ProjectId && row.IsInfrastructure).SumAsync(static row => row.EventCount, Ct)));
    }

    private static ReportedBatch Batch(Person owner, AgentProgram agent, string eventId) =>
        new(owner.OrganizationId, agent.ProjectId, agent.KeyId, [new() { EventId = eventId, EventType = "api_call", Tool = "a.b", Timestamp = TimeProvider.System.GetUtcNow() }]);
}
