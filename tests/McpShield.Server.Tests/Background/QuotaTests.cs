using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Tests.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Background;

public sealed class QuotaTests(ShieldServer server)
{
    private static readonly PlanLimits TenRefused = new(MaxEvents: 10, MaxProjects: null, AuditRetentionDays: null, MaxAiGenerations: null, PastLimit: PastLimit.Refuse);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_plan_refuses_the_gateway_denies_and_it_is_on_record_and_not_counted()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await Agents.LimitAsync(server.Services, ada, TenRefused, Ct);
        using var agent = await server.AgentAsync(ada, Ct, "version: 1\ndefault: allow\nrules: []\n");
        for (var i = 0; i < 10; i++) Assert.Equal("allow", (await agent.Api.Events.EvaluateAsync(new("a.b"), Ct)).Decision);

        EvaluateResponse? refused = null;
        await Agents.UntilAsync(async () => (refused = await agent.Api.Events.EvaluateAsync(new("a.b"), Ct)).Reason == "quota_exceeded", Ct);

        Assert.Equal("deny", refused!.Decision);
        var counted = await CountAsync(ada);
        await agent.Api.Events.EvaluateAsync(new("a.b"), Ct);
        var entries = await server.Services.GetRequiredService<Data.Audits.AuditReader>().ListAsync(new() { Scope = Data.Audits.AuditScope.Of(ada.OrganizationId), Decision = "deny" }, Ct);
        Assert.Contains(entries.Entries, entry => entry.CallId == refused.DecisionId && entry.Reason == "quota_exceeded");
        Assert.True(counted >= 10);
        Assert.Equal(0, await server.ReadAsync(db => db.UsageDaily.CountAsync(row => row.OrgId == ada.OrganizationId && row.Decision == "deny", Ct)));
    }

    [Fact]
    public async Task The_owner_is_told_once_at_80_percent_and_once_at_100()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await Agents.LimitAsync(server.Services, ada, TenRefused with { PastLimit = PastLimit.Warn }, Ct);
        using var agent = await server.AgentAsync(ada, Ct);

        await agent.Api.Events.IngestAsync(new IngestEventsRequest([.. Enumerable.Repeat(new IngestEvent(), 8)]), Ct);
        await Agents.UntilAsync(async () => (await MailsAsync(ada)).SequenceEqual(["usage_warning"]), Ct);
        await agent.Api.Events.IngestAsync(new IngestEvent(), Ct);
        await agent.Api.Events.IngestAsync(new IngestEventsRequest([.. Enumerable.Repeat(new IngestEvent(), 8)]), Ct);
        await Agents.UntilAsync(async () => (await MailsAsync(ada)).Count == 2, Ct);

        Assert.Equal(["usage_warning", "usage_exceeded"], await MailsAsync(ada));
    }

    [Fact]
    public async Task Who_does_not_want_these_mails_gets_none()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await Agents.LimitAsync(server.Services, ada, TenRefused, Ct);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            db.UserSettings.Add(new() { UserId = ada.UserId, NotifyUsage = false });
            await db.SaveChangesAsync(Ct);
        }

        using var agent = await server.AgentAsync(ada, Ct);
        await agent.Api.Events.IngestAsync(new IngestEventsRequest([.. Enumerable.Repeat(new IngestEvent(), 12)]), Ct);
        await Agents.UntilAsync(() => server.ReadAsync(db => db.UsageMonthly.AnyAsync(row => row.UserId == ada.UserId && row.ExceededAt != null, Ct)), Ct);

        Assert.Empty(await MailsAsync(ada));
    }

    private Task<List<string>> MailsAsync(Person owner) => server.ReadAsync(db => db.MailOutbox.Where(mail => mail.ToEmail == owner.Email).OrderBy(static mail => mail.Id).Select(static mail => mail.Kind).ToListAsync(Ct));

    private Task<long> CountAsync(Person owner) => server.ReadAsync(db => db.UsageMonthly.Where(row => row.UserId == owner.UserId).SumAsync(static row => row.EventCount, Ct));
}
