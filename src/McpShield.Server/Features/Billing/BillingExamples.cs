using McpShield.Contracts;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Billing;

/// <summary>What the description shows.</summary>
internal static class BillingExamples
{
    private static readonly PlanResponse Pro = SeededPlans.All.Single(static plan => plan.Code == Plan.Pro).ToResponse();
    private static readonly decimal Price = Pro.PriceMonthly ?? 0;

    private static readonly InvoiceLineResponse Line = new("Pro, a month", 1m, Price, Price);
    private static readonly DateTimeOffset End = Sample.Then.AddMonths(1);

    private static readonly SubscriptionResponse Subscription = new(
        Sample.Subscription, Pro, "active", "month", Sample.Then, End, NextPlan: null, NextInterval: null,
        new(812, Pro.Limits.MaxEvents, 1, Pro.Limits.MaxProjects, 2, Pro.Limits.MaxMembers, 3, Pro.Limits.MaxAiGenerations), new(0, 0, 0m), 0m, [], "manual", ManageUrl: null);

    private static readonly PlanChangeResponse Change = new("pro", "month", "at_once", Sample.Then, Price, [Line], Price, End, "USD", []);
    private static readonly InvoiceResponse Invoice = new(Sample.Invoice, "2026-000042", "paid", "USD", Price, Sample.Then, End, [Line], Sample.Then, Sample.Then);

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
