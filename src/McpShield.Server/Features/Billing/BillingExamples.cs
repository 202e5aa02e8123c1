using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Billing;

/// <summary>What the description shows.</summary>
internal static class BillingExamples
{
    private static readonly PlanResponse Pro = new(
        "pro", "Pro", "For teams.", 49m, 490m, "USD", new(100_000, 10, 10, 90, 200, "bill", 0.5m), ["100,000 events a month", "10 projects", "10 members", "audits for 90 days"]);

    private static readonly InvoiceLineResponse Line = new("Pro, a month", 1m, 49m, 49m);
    private static readonly DateTimeOffset End = Sample.Then.AddMonths(1);

    private static readonly SubscriptionResponse Subscription = new(
        Sample.Subscription, Pro, "active", "month", Sample.Then, End, NextPlan: null, NextInterval: null,
        new(812, 100_000, 1, 10, 2, 10, 3, 200), new(0, 0, 0m), 0m, [], "manual", ManageUrl: null);

    private static readonly PlanChangeResponse Change = new("pro", "month", "at_once", Sample.Then, 49m, [Line], 49m, End, "USD", []);
    private static readonly InvoiceResponse Invoice = new(Sample.Invoice, "2026-000042", "paid", "USD", 49m, Sample.Then, End, [Line], Sample.Then, Sample.Then);

    public static ApiExample[] All =>
    [
        ApiExample.Of<IReadOnlyList<PlanResponse>>([Pro]),
        ApiExample.Of(Subscription),
        ApiExample.Of(new SubscribeRequest("pro", "month")),
        ApiExample.Of(new SubscribeResponse("upgraded", Change, [], Subscription, Sample.Invoice)),
        ApiExample.Of(Change),
        ApiExample.Of(Invoice),
        ApiExample.PageOf(Invoice),
    ];
}
