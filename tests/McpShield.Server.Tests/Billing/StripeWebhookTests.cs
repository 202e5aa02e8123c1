using System.Net;
using McpShield.Server.Hosting;
using McpShield.Testing;

namespace McpShield.Server.Tests.Billing;

public sealed class StripeWebhookTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_Stripe_is_not_used_nothing_is_there()
    {
        using var visitor = server.Visitor();

        using var answer = await FakeStripe.SendAsync(visitor, "{}", signature: null, Ct);

        await answer.IsProblemAsync(HttpStatusCode.NotFound, "route.not-found", Ct);
    }

    [Theory]
    [InlineData("STRIPE_PRICE_PRO")]
    [InlineData("STRIPE_PRICE_PRO_WEEK")]
    [InlineData("STRIPE_PRICE_MONTH")]
    public void A_price_for_no_plan_stops_the_start(string name)
    {
        var failure = Assert.Throws<StartFailedException>(() => ShieldSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["BILLING_PROVIDER"] = "stripe", ["STRIPE_SECRET_KEY"] = "k", ["STRIPE_WEBHOOK_SECRET"] = "s", [name] = "price_1" }));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }
}
