using System.Net;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Billing;

public sealed class PreviewPlanTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upgrade_is_due_at_once_and_nothing_is_changed_by_looking()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var preview = await ada.Api.Billing.PreviewAsync("pro", Ct);

        Assert.Equal(("pro", "month", "at_once", 29m, 29m), (preview.Plan, preview.Interval, preview.Effect, preview.DueNow, preview.NextAmount));
        Assert.Equal(preview.EffectiveAt.AddMonths(1), preview.NextAt);
        Assert.Empty(preview.Warnings);
        Assert.Equal("free", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
        Assert.Empty((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task A_downgrade_costs_nothing_and_says_what_will_no_longer_fit()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        foreach (var name in new[] { "one", "two", "three" }) await ada.Api.Projects.CreateAsync(new(name), Ct);
        await server.Services.CountAsync(ada, server.Now(), 20_000, Ct);

        var preview = await ada.Api.Billing.PreviewAsync("free", Ct);

        Assert.Equal(("at_period_end", 0m, 0m), (preview.Effect, preview.DueNow, preview.NextAmount));
        Assert.Equal((await ada.Api.Billing.SubscriptionAsync(Ct)).CurrentPeriodEnd, preview.EffectiveAt);
        Assert.Contains(preview.Warnings, static text => text.Contains("3 projects", StringComparison.Ordinal));
        Assert.Contains(preview.Warnings, static text => text.Contains("older than 30 days", StringComparison.Ordinal));
        Assert.Contains(preview.Warnings, static text => text.Contains("20,000 events", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plan=platinum", "plan")]
    [InlineData("", "plan")]
    [InlineData("plan=pro&interval=week", "interval")]
    public async Task What_is_wrong_is_named(string query, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/billing/preview?{query}", Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task It_is_refused_as_the_change_would_be()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);

        await Answers.RefusedAsync(() => ada.Api.Billing.PreviewAsync("pro", Ct), HttpStatusCode.Conflict, "billing.same-plan");
        await Answers.RefusedAsync(() => ada.Api.Billing.PreviewAsync("enterprise", Ct), HttpStatusCode.Forbidden, "billing.by-agreement");
    }

    [Fact]
    public async Task A_developer_may_not_look_and_a_stranger_finds_nothing()
    {
        var (ada, bob, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct), await server.SignInAsync("eve", Ct));
        await server.JoinAsync(bob, ada, "developer", Ct);

        await Answers.RefusedAsync(() => bob.Api.Billing.PreviewAsync("pro", Ct, organizationId: ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
        await Answers.RefusedAsync(() => eve.Api.Billing.PreviewAsync("pro", Ct, organizationId: ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task Nobody_looks_without_signing_in()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.GetAsync("/billing/preview?plan=pro", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }
}
