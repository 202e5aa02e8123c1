using System.Net;
using McpShield.Data.Billing;

namespace McpShield.Server.Tests.Billing;

public sealed class CancelSubscriptionTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_stays_until_the_period_ends_and_a_second_time_changes_nothing()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);

        var first = await ada.Api.Billing.CancelAsync(Ct);
        var second = await ada.Api.Billing.CancelAsync(Ct);

        Assert.Equal(("pro", "canceled", "free"), (first.Plan.Code, first.Status, first.NextPlan));
        Assert.Equal((first.Id, first.Status, first.CurrentPeriodEnd), (second.Id, second.Status, second.CurrentPeriodEnd));
    }

    [Fact]
    public async Task Subscribing_to_the_same_plan_takes_it_back()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        await ada.Api.Billing.CancelAsync(Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        Assert.Equal(("resumed", "active", null), (done.Outcome, done.Subscription!.Status, done.Subscription.NextPlan));
        Assert.Empty((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task It_replaces_a_pending_downgrade()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct);
        await ada.Api.Billing.SubscribeAsync(new("pro", "month"), Ct);

        var canceled = await ada.Api.Billing.CancelAsync(Ct);

        Assert.Equal(("canceled", "free"), (canceled.Status, canceled.NextPlan));
    }

    [Fact]
    public async Task When_the_period_ends_the_free_plan_begins()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        var canceled = await ada.Api.Billing.CancelAsync(Ct);

        await server.WorkAsync(ada, canceled.CurrentPeriodEnd, Ct);

        Assert.Equal(("free", "active"), ((await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code, (await ada.Api.Billing.SubscriptionAsync(Ct)).Status));
        Assert.Equal(["expired", "active"], (await server.Services.SubscriptionsAsync(ada, Ct)).Select(static one => one.Status));
        Assert.Empty((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task The_free_plan_cannot_be_canceled()
    {
        var ada = await server.SignInAsync("ada", Ct);

        await Answers.RefusedAsync(() => ada.Api.Billing.CancelAsync(Ct), HttpStatusCode.Conflict, "billing.nothing-to-cancel");
    }

    [Fact]
    public async Task A_developer_may_not_and_a_stranger_finds_nothing()
    {
        var (ada, bob, eve) = (await server.SignInAsync("ada", Ct, Plan.Pro), await server.SignInAsync("bob", Ct), await server.SignInAsync("eve", Ct));
        await server.JoinAsync(bob, ada, "developer", Ct);

        await Answers.RefusedAsync(() => bob.Api.Billing.CancelAsync(Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
        await Answers.RefusedAsync(() => eve.Api.Billing.CancelAsync(Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task Nobody_cancels_without_signing_in()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/billing/cancel", content: null, Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }
}
