using System.Net;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Tests.Billing;

public sealed class SubscribeTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upgrade_begins_at_once_with_an_open_invoice_and_its_record()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        Assert.Equal(("upgraded", "pro", "active"), (done.Outcome, done.Subscription!.Plan.Code, done.Subscription.Status));
        Assert.Equal(done.Subscription.CurrentPeriodStart.AddMonths(1), done.Subscription.CurrentPeriodEnd);
        var invoice = await ada.Api.Billing.InvoiceAsync(done.InvoiceId!.Value, Ct);
        Assert.Equal(("open", 29m, 1), (invoice.Status, invoice.Total, invoice.Lines.Count));
        Assert.Matches("^20[0-9]{2}-[0-9]{6}$", invoice.Number);
        Assert.Equal(["free", "pro"], (await server.Services.SubscriptionsAsync(ada, Ct)).Select(static one => one.Plan!.Code));
        await using var db = server.Services.OpenDb();
        Assert.True(await db.MailOutbox.AnyAsync(mail => mail.ToEmail == ada.Email && mail.Kind == "invoice", Ct));
    }

    [Fact]
    public async Task After_an_upgrade_there_is_room_for_more_projects_at_once()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Projects.CreateAsync(new("one"), Ct);
        await Answers.RefusedAsync(() => ada.Api.Projects.CreateAsync(new("two"), Ct), HttpStatusCode.Conflict, "plan.projects-used-up");

        await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        await ada.Api.Projects.CreateAsync(new("two"), Ct);
    }

    [Fact]
    public async Task After_an_upgrade_calls_are_no_longer_refused()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await using var db = server.Services.OpenDb();
        await db.Organizations.Where(one => one.Id == ada.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(static one => one.EventsRefusedUntil, server.Now().AddDays(9)), Ct);

        await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        Assert.Null(await db.Organizations.Where(one => one.Id == ada.OrganizationId).Select(static one => one.EventsRefusedUntil).SingleAsync(Ct));
    }

    [Fact]
    public async Task A_longer_interval_begins_at_once_and_the_unused_rest_is_credited()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        var now = server.Now();
        await server.MovePeriodAsync(ada, now.AddDays(-15), now.AddDays(15), Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct);

        var invoice = await ada.Api.Billing.InvoiceAsync(done.InvoiceId!.Value, Ct);
        Assert.Equal([290m, -14.50m], invoice.Lines.Select(static line => line.Amount));
        Assert.Equal((275.50m, 275.50m, "year"), (invoice.Total, done.Change.DueNow, done.Subscription!.Interval));
        Assert.Equal(done.Subscription.CurrentPeriodStart.AddYears(1), done.Subscription.CurrentPeriodEnd);
    }

    [Fact]
    public async Task What_the_operator_gave_is_not_credited()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct);

        Assert.Equal(290m, done.Change.DueNow);
    }

    [Fact]
    public async Task A_downgrade_waits_for_the_end_of_the_period_and_says_what_will_no_longer_fit()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        await ada.Api.Projects.CreateAsync(new("one"), Ct);
        await ada.Api.Projects.CreateAsync(new("two"), Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("free"), Ct);

        Assert.Equal(("downgrade_scheduled", null), (done.Outcome, done.InvoiceId));
        Assert.Contains(done.Warnings, static text => text.Contains("2 projects", StringComparison.Ordinal));
        Assert.Contains(done.Warnings, static text => text.Contains("older than 30 days", StringComparison.Ordinal));
        var subscription = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal(("pro", "free", "active"), (subscription.Plan.Code, subscription.NextPlan, subscription.Status));
        Assert.Equal(done.Warnings, subscription.Warnings);
    }

    [Fact]
    public async Task A_shorter_interval_waits_for_the_end_of_the_period()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro", "month"), Ct);

        Assert.Equal(("downgrade_scheduled", "year", "pro", "month"), (done.Outcome, done.Subscription!.Interval, done.Subscription.NextPlan, done.Subscription.NextInterval));
    }

    [Fact]
    public async Task The_same_plan_takes_a_pending_downgrade_back()
    {
        var ada = await server.SignInAsync("ada", Ct, Plan.Pro);
        await ada.Api.Billing.SubscribeAsync(new("free"), Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        Assert.Equal(("resumed", null, "active"), (done.Outcome, done.Subscription!.NextPlan, done.Subscription.Status));
    }

    [Fact]
    public async Task Asked_not_to_it_changes_nothing()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var answer = await ada.Api.Billing.SubscribeAsync(new("pro", Confirm: false), Ct);

        Assert.Equal(("preview", 29m), (answer.Outcome, answer.Change.DueNow));
        Assert.Equal("free", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
    }

    [Fact]
    public async Task The_plan_in_force_is_refused()
    {
        var ada = await server.SignInAsync("ada", Ct);

        await Answers.RefusedAsync(() => ada.Api.Billing.SubscribeAsync(new("free"), Ct), HttpStatusCode.Conflict, "billing.same-plan");
        await Answers.RefusedAsync(() => ada.Api.Billing.SubscribeAsync(new("free", "year"), Ct), HttpStatusCode.Conflict, "billing.same-plan");
    }

    [Fact]
    public async Task What_is_by_agreement_cannot_be_had_here()
    {
        var ada = await server.SignInAsync("ada", Ct);

        await Answers.RefusedAsync(() => ada.Api.Billing.SubscribeAsync(new("enterprise"), Ct), HttpStatusCode.Forbidden, "billing.by-agreement");
    }

    [Theory]
    [InlineData("""{}""", "plan")]
    [InlineData("""{"plan": "platinum"}""", "plan")]
    [InlineData("""{"plan": "pro", "interval": "week"}""", "interval")]
    [InlineData("""{"plan": "pro", "price": 0}""", "price")]
    public async Task A_field_that_is_wrong_is_named_and_nothing_is_changed(string body, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync("/billing/subscribe", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
        Assert.Equal("free", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
    }

    [Fact]
    public async Task Of_many_at_once_one_is_done_and_billed()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var answer = await ada.Http.PostAsync("/billing/subscribe", Answers.Json("""{"plan": "pro"}"""), Ct);
            return answer.StatusCode;
        }));

        Assert.Equal(1, outcomes.Count(static status => status == HttpStatusCode.OK));
        Assert.Equal(7, outcomes.Count(static status => status == HttpStatusCode.Conflict));
        Assert.Single((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task A_retry_with_the_same_key_is_answered_and_not_done_again()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var first = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct, idempotencyKey: "k1");
        var second = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct, idempotencyKey: "k1");

        Assert.Equal((first.Outcome, first.InvoiceId), (second.Outcome, second.InvoiceId));
        Assert.Single((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("developer")]
    [InlineData("auditor")]
    public async Task Only_the_owner_may(string role)
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, role, Ct);

        await Answers.RefusedAsync(() => bob.Api.Billing.SubscribeAsync(new("pro"), Ct, ada.OrganizationId), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task The_organization_of_others_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Billing.SubscribeAsync(new("pro"), Ct, ada.OrganizationId), HttpStatusCode.NotFound, "organization.not-found");
    }

    [Fact]
    public async Task Nobody_subscribes_without_signing_in()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/billing/subscribe", Answers.Json("""{"plan": "pro"}"""), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }
}
