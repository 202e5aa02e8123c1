using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using McpShield.Server.Tests.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Background;

/// <summary>What one process leaves undone, the next one does: once.</summary>
public sealed class RestartTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_committed_and_not_yet_audited_when_a_process_ended_is_audited_by_the_next()
    {
        using var place = await OwnHost.CreateAsync();
        Person ada;
        await using (var first = await place.StartAsync(isWorker: false, Ct))
        {
            ada = await ShieldServer.SignInAsync(first, "ada", Ct);
            await ada.Api.Projects.CreateAsync(new("Mine"), Ct);
            using var agent = await Agents.AgentAsync(first.Services, first.Url, ada, Ct);
            await agent.Api.Events.IngestAsync(new IngestEventsRequest([.. Enumerable.Range(0, 300).Select(static i => new IngestEvent(ToolName: "a.b", Decision: "allow", EventId: $"{i}"))]), Ct);
            Assert.Empty((await ListAsync(first, ada, "decision")).Entries);
        }

        await using var second = await place.StartAsync(isWorker: true, Ct);

        await Agents.UntilAsync(async () => !await WaitsAsync(second), Ct);
        Assert.Equal(200, (await ListAsync(second, ada, "decision")).Entries.Count);
        Assert.Contains((await ListAsync(second, ada, "action")).Entries, static entry => entry.Action == "project.created");
    }

    [Fact]
    public async Task A_decision_of_the_gateway_counts_once_however_often_counting_begins_anew()
    {
        using var place = await OwnHost.CreateAsync();
        Person ada;
        await using (var first = await place.StartAsync(isWorker: true, Ct))
        {
            ada = await ShieldServer.SignInAsync(first, "ada", Ct);
            using var agent = await Agents.AgentAsync(first.Services, first.Url, ada, Ct);
            for (var i = 0; i < 20; i++) await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
        }

        await using (var second = await place.StartAsync(isWorker: true, Ct))
        {
            using var agent = await Agents.AgentAsync(second.Services, second.Url, ada, Ct);
            for (var i = 0; i < 5; i++) await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
            await Agents.UntilAsync(async () => await CountAsync(second, ada) >= 25, Ct);
        }

        await using var third = await place.StartAsync(isWorker: true, Ct);
        using (var agent = await Agents.AgentAsync(third.Services, third.Url, ada, Ct)) await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
        await Agents.UntilAsync(async () => await CountAsync(third, ada) >= 26, Ct);

        // Both sums are written in one transaction, but asked for one after the other: they are compared when nothing is left to count.
        Assert.Equal(26, await CountAsync(third, ada));
        await using var db = third.Services.GetRequiredService<ShieldDatabase>().Open();
        Assert.Equal(26, await db.UsageDaily.Where(row => row.OrgId == ada.OrganizationId).SumAsync(static row => row.EventCount, Ct));
    }

    private static Task<AuditPage> ListAsync(ShieldHost host, Person owner, string kind) =>
        host.Services.GetRequiredService<AuditReader>().ListAsync(new() { Scope = AuditScope.Of(owner.OrganizationId), Kind = kind, Limit = 200 }, Ct);

    private static async Task<bool> WaitsAsync(ShieldHost host)
    {
        await using var db = host.Services.GetRequiredService<ShieldDatabase>().Open();
        return await db.UsageEvents.AnyAsync(static one => one.AuditedAt == null, Ct) || await db.ActionOutbox.AnyAsync(Ct);
    }

    private static async Task<long> CountAsync(ShieldHost host, Person owner)
    {
        await using var db = host.Services.GetRequiredService<ShieldDatabase>().Open();
        return await db.UsageMonthly.Where(row => row.UserId == owner.UserId).SumAsync(static row => row.EventCount, Ct);
    }
}
