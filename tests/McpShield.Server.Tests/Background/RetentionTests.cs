using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Server.Tests.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Background;

public sealed class RetentionTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AuditReader Audits => server.Services.GetRequiredService<AuditReader>();

    [Fact]
    public async Task What_is_older_than_the_plan_keeps_is_hidden_and_erased_and_its_counts_stay()
    {
        using var place = await OwnHost.CreateAsync();
        Person ada;
        AgentProgram agent;
        await using (var first = await place.StartAsync(isWorker: true, Ct))
        {
            ada = await ShieldServer.SignInAsync(first, "ada", Ct);
            await Agents.LimitAsync(first.Services, ada, new(MaxEvents: null, MaxProjects: null, AuditRetentionDays: 7, MaxAiGenerations: null), Ct);
            agent = await Agents.AgentAsync(first.Services, first.Url, ada, Ct);
            var now = TimeProvider.System.GetUtcNow();
            await agent.Api.Events.IngestAsync(new IngestEventsRequest([new(ToolName: "a.old", Decision: "allow", Timestamp: now.AddDays(-8)), new(ToolName: "a.new", Decision: "allow", Timestamp: now.AddDays(-6))]), Ct);
            await Agents.UntilAsync(() => ReadAsync(first.Services, db => db.UsageEvents.AllAsync(static one => one.AuditedAt != null, Ct)), Ct);
        }

        await using var second = await place.StartAsync(isWorker: true, Ct);

        await Agents.UntilAsync(() => ReadAsync(second.Services, async db => await db.UsageEvents.CountAsync(Ct) == 1), Ct);
        var entries = (await second.Services.GetRequiredService<AuditReader>().ListAsync(new() { Scope = AuditScope.Of(ada.OrganizationId), Kind = "decision" }, Ct)).Entries;
        Assert.Equal(["a.new"], entries.Select(static entry => entry.Tool!));
        Assert.Equal(2, await ReadAsync(second.Services, db => db.UsageDaily.Where(row => row.OrgId == ada.OrganizationId).SumAsync(static row => row.EventCount, Ct)));
        agent.Dispose();
    }

    [Fact]
    public async Task What_is_on_record_of_a_deleted_project_is_no_longer_shown()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct);
        var decided = await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
        Assert.NotNull(await Audits.FindAsync(ada.OrganizationId, decided.DecisionId, Ct));

        await ada.Api.Projects.DeleteAsync(agent.ProjectId, Ct);

        await Agents.UntilAsync(async () => await Audits.FindAsync(ada.OrganizationId, decided.DecisionId, Ct) is null, Ct);
        var actions = (await Audits.ListAsync(new() { Scope = AuditScope.Of(ada.OrganizationId), Kind = "action" }, Ct)).Entries;
        Assert.Contains(actions, static entry => entry.Action == "project.deleted");
    }

    [Fact]
    public async Task A_record_that_claims_a_deletion_erases_nothing_that_is_still_there()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        using var agent = await server.AgentAsync(ada, Ct);
        var decided = await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            db.ActionOutbox.Add(new() { Id = id, OrgId = ada.OrganizationId, ActorUserId = bob.UserId, ActorName = bob.Email, Action = "account.deleted", TargetType = "user", TargetId = $"{bob.UserId:D}", CreatedAt = now });
            await db.SaveChangesAsync(Ct);
        }

        await Agents.UntilAsync(() => server.ReadAsync(async db => !await db.ActionOutbox.AnyAsync(one => one.Id == id, Ct)), Ct);

        Assert.NotNull(await Audits.FindAsync(ada.OrganizationId, decided.DecisionId, Ct));
    }

    [Fact]
    public async Task When_a_key_was_used_last_is_written_down()
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct);
        var before = TimeProvider.System.GetUtcNow();

        await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);

        await Agents.UntilAsync(() => server.ReadAsync(db => db.ApiKeys.AnyAsync(key => key.Id == agent.KeyId && key.LastUsedAt >= before, Ct)), Ct);
    }

    private static async Task<T> ReadAsync<T>(IServiceProvider services, Func<ShieldDb, Task<T>> read)
    {
        await using var db = services.GetRequiredService<ShieldDatabase>().Open();
        return await read(db);
    }
}
