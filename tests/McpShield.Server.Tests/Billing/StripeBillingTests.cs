using System.Net;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Tests.Billing;

// One test after the other: what Stripe has to tell is taken by whoever asks first.
public sealed class StripeBillingTests(StripeServer server) : IClassFixture<StripeServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_payment_is_made_on_Stripes_page_and_changes_nothing_before()
    {
        var ada = await server.SignInAsync("ada", Ct);

        var checkout = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);

        Assert.Equal(("checkout", "checkout", null), (checkout.Outcome, checkout.Change.Effect, checkout.Subscription));
        Assert.StartsWith("https://checkout.stripe.test/", checkout.CheckoutUrl, StringComparison.Ordinal);
        Assert.Equal("free", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
        var asked = server.Stripe.Requests.Last(static one => one.Path == "/v1/checkout/sessions");
        Assert.Equal(("subscription", FakeStripe.ProMonth, ada.UserId.ToString("D"), ada.Email), (asked.Form["mode"], asked.Form["line_items[0][price]"], asked.Form["client_reference_id"], asked.Form["customer_email"]));
        Assert.NotNull(asked.IdempotencyKey);
    }

    [Fact]
    public async Task Once_it_is_paid_the_plan_begins_with_a_paid_invoice()
    {
        var (ada, _) = await server.PaidAsync("ada", Ct);

        var subscription = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal(("pro", "active", "month", "stripe"), (subscription.Plan.Code, subscription.Status, subscription.Interval, subscription.Provider));
        Assert.StartsWith("https://billing.stripe.test/p/", subscription.ManageUrl, StringComparison.Ordinal);
        var invoice = Assert.Single((await ada.Api.Billing.HistoryAsync(Ct)).Items);
        Assert.Equal(("paid", 29m), (invoice.Status, invoice.Total));
        Assert.Equal("system", await ada.ActorOfAsync("subscription.upgraded", Ct));
    }

    [Fact]
    public async Task Messages_in_any_order_and_twice_lead_to_the_same()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var checkout = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        server.Stripe.Pay(checkout.CheckoutUrl!);
        var messages = server.Stripe.TakeMessages();

        foreach (var message in messages.Reverse().Concat(messages)) await server.DeliverAsync(message, Ct);

        Assert.Equal("pro", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
        Assert.Single((await ada.Api.Billing.HistoryAsync(Ct)).Items);
        Assert.Equal(["free", "pro"], (await server.Host.Services.SubscriptionsAsync(ada, Ct)).Select(static one => one.Plan!.Code));
    }

    [Fact]
    public async Task All_messages_at_once_lead_to_the_same()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var checkout = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        server.Stripe.Pay(checkout.CheckoutUrl!);
        var messages = server.Stripe.TakeMessages();

        await Task.WhenAll(messages.Concat(messages).Select(message => server.DeliverAsync(message, Ct)));

        Assert.Equal("pro", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
        Assert.Single((await ada.Api.Billing.HistoryAsync(Ct)).Items);
    }

    [Fact]
    public async Task A_late_message_does_not_bring_back_what_is_over()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var checkout = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        var subscription = server.Stripe.Pay(checkout.CheckoutUrl!);
        var late = server.Stripe.TakeMessages();
        server.Stripe.End(subscription);
        await server.DeliverAsync(Ct);

        foreach (var message in late) await server.DeliverAsync(message, Ct);

        Assert.Equal("free", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
    }

    [Fact]
    public async Task An_upgrade_of_what_is_paid_goes_without_a_page()
    {
        var (ada, _) = await server.PaidAsync("ada", Ct);

        var done = await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct);
        await server.DeliverAsync(Ct);

        Assert.Equal(("upgraded", "year"), (done.Outcome, done.Subscription!.Interval));
        var asked = server.Stripe.Requests.Last(static one => one.Form.ContainsKey("items[0][price]"));
        Assert.Equal((FakeStripe.ProYear, "always_invoice", "now"), (asked.Form["items[0][price]"], asked.Form["proration_behavior"], asked.Form["billing_cycle_anchor[type]"]));
        Assert.Equal(2, (await ada.Api.Billing.HistoryAsync(Ct)).Items.Count);
        Assert.Equal(3, (await server.Host.Services.SubscriptionsAsync(ada, Ct)).Count);
    }

    [Fact]
    public async Task A_shorter_interval_is_scheduled_and_begins_with_the_next_period()
    {
        var (ada, subscription) = await server.PaidAsync("ada", Ct, "year");

        var done = await ada.Api.Billing.SubscribeAsync(new("pro", "month"), Ct);
        await server.DeliverAsync(Ct);
        Assert.Equal(("downgrade_scheduled", "year", "pro", "month"), (done.Outcome, done.Subscription!.Interval, done.Subscription.NextPlan, done.Subscription.NextInterval));
        Assert.Equal("month", (await ada.Api.Billing.SubscriptionAsync(Ct)).NextInterval);
        server.Stripe.Renew(subscription);
        await server.DeliverAsync(Ct);

        var next = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal(("month", null, "active"), (next.Interval, next.NextPlan, next.Status));
    }

    [Fact]
    public async Task A_downgrade_to_free_ends_it_with_the_period_and_can_be_taken_back()
    {
        var (ada, subscription) = await server.PaidAsync("ada", Ct);

        var scheduled = await ada.Api.Billing.SubscribeAsync(new("free"), Ct);
        await server.DeliverAsync(Ct);
        var pending = await ada.Api.Billing.SubscriptionAsync(Ct);
        var resumed = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        await ada.Api.Billing.SubscribeAsync(new("free"), Ct);
        server.Stripe.End(subscription);
        await server.DeliverAsync(Ct);

        Assert.Equal(("downgrade_scheduled", "free", "active"), (scheduled.Outcome, pending.NextPlan, pending.Status));
        Assert.Equal(("resumed", null), (resumed.Outcome, resumed.Subscription!.NextPlan));
        Assert.Equal(("free", "manual"), ((await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code, (await ada.Api.Billing.SubscriptionAsync(Ct)).Provider));
    }

    [Fact]
    public async Task Canceled_here_it_ends_at_Stripe_with_the_period()
    {
        var (ada, subscription) = await server.PaidAsync("ada", Ct);

        var canceled = await ada.Api.Billing.CancelAsync(Ct);
        await server.DeliverAsync(Ct);

        Assert.Equal(("pro", "canceled", "free"), (canceled.Plan.Code, canceled.Status, canceled.NextPlan));
        Assert.Equal("true", server.Stripe.Requests.Last(one => one.Path == $"/v1/subscriptions/{subscription}" && one.Method == "POST").Form["cancel_at_period_end"]);
        var resumed = await ada.Api.Billing.SubscribeAsync(new("pro"), Ct);
        Assert.Equal(("resumed", "active"), (resumed.Outcome, resumed.Subscription!.Status));
    }

    [Fact]
    public async Task A_renewal_moves_the_period_and_a_failed_payment_is_told()
    {
        var (ada, subscription) = await server.PaidAsync("ada", Ct);
        var first = await ada.Api.Billing.SubscriptionAsync(Ct);

        server.Stripe.Renew(subscription, isPaid: false);
        await server.DeliverAsync(Ct);

        var second = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal((first.Id, first.CurrentPeriodEnd, "pro"), (second.Id, second.CurrentPeriodStart, second.Plan.Code));
        Assert.Equal(["open", "paid"], (await ada.Api.Billing.HistoryAsync(Ct)).Items.Select(static one => one.Status));
        await using var db = server.Host.Services.OpenDb();
        Assert.True(await db.MailOutbox.AnyAsync(mail => mail.ToEmail == ada.Email && mail.Kind == "payment_failed", Ct));
    }

    [Fact]
    public async Task Of_two_checkouts_that_are_paid_the_older_subscription_is_ended()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var (one, other) = (await ada.Api.Billing.SubscribeAsync(new("pro"), Ct), await ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct));

        var older = server.Stripe.Pay(one.CheckoutUrl!);
        await server.DeliverAsync(Ct);
        var newer = server.Stripe.Pay(other.CheckoutUrl!);
        await server.DeliverAsync(Ct);
        await server.DeliverAsync(Ct);

        Assert.Equal((false, true), (server.Stripe.IsLive(older), server.Stripe.IsLive(newer)));
        Assert.Equal("year", (await ada.Api.Billing.SubscriptionAsync(Ct)).Interval);
    }

    [Theory]
    [InlineData("api_error", HttpStatusCode.ServiceUnavailable, "billing.provider-unavailable")]
    [InlineData("card_error", HttpStatusCode.PaymentRequired, "billing.payment-refused")]
    public async Task When_Stripe_does_not_do_it_nothing_is_changed(string failure, HttpStatusCode status, string code)
    {
        var (ada, _) = await server.PaidAsync("ada", Ct);
        server.Stripe.FailsWith = failure;
        try
        {
            await Answers.RefusedAsync(() => ada.Api.Billing.SubscribeAsync(new("pro", "year"), Ct), status, code);
            await Answers.RefusedAsync(() => ada.Api.Billing.CancelAsync(Ct), status, code);
            Assert.Null((await ada.Api.Billing.SubscriptionAsync(Ct)).ManageUrl);
        }
        finally
        {
            server.Stripe.FailsWith = null;
        }

        var subscription = await ada.Api.Billing.SubscriptionAsync(Ct);
        Assert.Equal(("pro", "month", "active", null), (subscription.Plan.Code, subscription.Interval, subscription.Status, subscription.NextPlan));
    }

    [Fact]
    public async Task A_message_that_cannot_be_looked_into_is_taken_the_next_time()
    {
        var ada = await server.SignInAsync("ada", Ct);
        server.Stripe.Pay((await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).CheckoutUrl!);
        var message = server.Stripe.TakeMessages().Last(static one => one.Type == "checkout.session.completed"); // others may have left theirs
        server.Stripe.FailsWith = "api_error";
        try
        {
            using var answer = await server.Stripe.SendAsync(server.Visitor, message, Ct);
            await answer.IsProblemAsync(HttpStatusCode.ServiceUnavailable, "billing.provider-unavailable", Ct);
        }
        finally
        {
            server.Stripe.FailsWith = null;
        }

        await server.DeliverAsync(message, Ct);

        Assert.Equal("pro", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
    }

    [Fact]
    public async Task Only_Stripe_can_tell_and_only_now()
    {
        var ada = await server.SignInAsync("ada", Ct);
        server.Stripe.Pay((await ada.Api.Billing.SubscribeAsync(new("pro"), Ct)).CheckoutUrl!);
        var message = server.Stripe.TakeMessages().Last(static one => one.Type == "checkout.session.completed");

        using var unsigned = await FakeStripe.SendAsync(server.Visitor, message.Body, signature: null, Ct);
        using var nonsense = await FakeStripe.SendAsync(server.Visitor, message.Body, "t=1,v1=00", Ct);
        using var forged = await server.Stripe.SendAsync(server.Visitor, message, Ct, secret: "whsec_of_somebody_else");
        using var old = await server.Stripe.SendAsync(server.Visitor, message, Ct, signedAt: TimeProvider.System.GetUtcNow().AddMinutes(-6));

        foreach (var answer in new[] { unsigned, nonsense, forged, old }) await answer.IsProblemAsync(HttpStatusCode.BadRequest, "billing.bad-signature", Ct);
        Assert.Equal("free", (await ada.Api.Billing.SubscriptionAsync(Ct)).Plan.Code);
    }

    [Fact]
    public async Task A_message_that_is_larger_than_any_of_Stripes_is_not_read()
    {
        using var answer = await FakeStripe.SendAsync(server.Visitor, new string('x', 600_000), "t=1,v1=00", Ct);

        await answer.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, "request.too-large", Ct);
    }
}
