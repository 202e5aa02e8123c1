using System.Net;
using McpShield.Contracts;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Tests.Billing;

public sealed class GetSubscriptionTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_plan_is_shown_with_what_of_it_is_used()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Projects.CreateAsync(new("one"), Ct);
        await server.Services.CountAsync(ada, server.Now(), 1_234, Ct);

        var subscription = await ada.Api.Billing.SubscriptionAsync(Ct);

        Assert.Equal(("free", "active", "month", "manual"), (subscription.Plan.Code, subscription.Status, subscription.Interval, subscription.Provider));
        Assert.Equal(new PlanUsageResponse(1_234, 10_000, 1, 1, 1, null, 0, 3), subscription.Usage);
        Assert.Null(subscription.Accrual);
        Assert.Null(subscription.ManageUrl);
        Assert.Empty(subscription.Warnings);
    }

    [Fact]
    public async Task Events_beyond_the_limit_are_shown_with_what_they_will_cost()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        await server.Services.CountAsync(ada, server.Now(), 102_001, Ct);

        var subscription = await ada.Api.Billing.SubscriptionAsync(Ct);

        Assert.Equal(new AccrualResponse(2_001, 3, 1.50m), subscription.Accrual);
    }

    [Fact]
    public async Task Whoever_never_had_a_subscription_is_on_the_free_plan()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await using (var db = server.Services.OpenDb()) await db.Subscriptions.Where(one => one.UserId == ada.UserId).ExecuteDeleteAsync(Ct);

        var subscription = await ada.Api.Billing.SubscriptionAsync(Ct);

        Assert.Equal(("free", null), (subscription.Plan.Code, subscription.Id));
    }

    [Fact]
    public async Task An_admin_sees_the_owners()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct, Plan.Pro), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, "admin", Ct);

        Assert.Equal("pro", (await bob.Api.Billing.SubscriptionAsync(Ct, ada.OrganizationId)).Plan.Code);
    }

    [Theory]
    [InlineData("developer")]
    [InlineData("approver")]
    [InlineData("auditor")]
    public async Task Nobody_else_of_the_organization_does(string role)
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, role, Ct);

        await Answers.RefusedAsync(() => bob.Api.Billing.SubscriptionAsync(Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task The_organization_of_others_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Billing.SubscriptionAsync(Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task Nobody_sees_it_without_signing_in()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.GetAsync("/billing/subscription", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }
}
