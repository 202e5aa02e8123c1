using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>What a plan allows. Absent: without limit.</summary>
/// <param name="MaxEvents">Events a calendar month (UTC).</param>
/// <param name="MaxProjects">Projects at a time.</param>
/// <param name="MaxMembers">Members of the organization, its owner among them.</param>
/// <param name="AuditRetentionDays">Days for which audits are kept.</param>
/// <param name="MaxAiGenerations">Generations of the assistant a calendar month (UTC).</param>
/// <param name="PastLimit">What happens to events beyond <paramref name="MaxEvents"/>: <c>refuse</c>, <c>warn</c> or <c>bill</c>.</param>
/// <param name="PricePerThousandEvents">For <c>bill</c>: US dollars for each begun thousand beyond the limit.</param>
public sealed record PlanLimitsResponse(long? MaxEvents, int? MaxProjects, int? MaxMembers, int? AuditRetentionDays, int? MaxAiGenerations, string PastLimit, decimal? PricePerThousandEvents);

/// <summary>What one can subscribe to.</summary>
/// <param name="Code">Names it in requests; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="PriceMonthly">US dollars for a month; absent: agreed with the operator.</param>
/// <param name="PriceYearly">US dollars for a year; absent: agreed with the operator.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Limits">What it allows.</param>
/// <param name="Features">The same in words.</param>
public sealed record PlanResponse(string Code, string Name, string Description, decimal? PriceMonthly, decimal? PriceYearly, string Currency, PlanLimitsResponse Limits, IReadOnlyList<string> Features);

/// <summary>What of a plan is used.</summary>
/// <param name="Events">Events of this calendar month (UTC).</param>
/// <param name="MaxEvents">As many as the plan has; absent: without limit.</param>
/// <param name="Projects">Projects.</param>
/// <param name="MaxProjects">As many as the plan has room for; absent: without limit.</param>
/// <param name="Members">Members of the organization.</param>
/// <param name="MaxMembers">As many as the plan has room for; absent: without limit.</param>
/// <param name="AiGenerations">Generations of the assistant in this calendar month (UTC).</param>
/// <param name="MaxAiGenerations">As many as the plan has; absent: without limit.</param>
public sealed record PlanUsageResponse(long Events, long? MaxEvents, int Projects, int? MaxProjects, int Members, int? MaxMembers, int AiGenerations, int? MaxAiGenerations);

/// <summary>Events beyond the plan's limit that will be on an invoice.</summary>
/// <param name="Events">Events beyond the limit in this calendar month so far.</param>
/// <param name="Thousands">Begun thousands of them.</param>
/// <param name="Amount">US dollars.</param>
public sealed record AccrualResponse(long Events, long Thousands, decimal Amount);

/// <summary>The subscription of an organization's owner.</summary>
/// <param name="Id">UUID v7; absent: there never was one, and the free plan is in force.</param>
/// <param name="Plan">The plan in force.</param>
/// <param name="Status"><c>active</c>, <c>canceled</c> (in force until the period's end) or <c>expired</c>.</param>
/// <param name="Interval"><c>month</c> or <c>year</c>.</param>
/// <param name="CurrentPeriodStart">When the period began.</param>
/// <param name="CurrentPeriodEnd">When it ends.</param>
/// <param name="NextPlan">The plan that begins then; absent: this one goes on.</param>
/// <param name="NextInterval">The interval that begins then; absent: this one goes on.</param>
/// <param name="Usage">What of the plan is used.</param>
/// <param name="Accrual">What events beyond the limit will cost; absent: the plan does not bill them.</param>
/// <param name="Credit">US dollars that later invoices will be less.</param>
/// <param name="Warnings">What will no longer fit when the next plan begins.</param>
/// <param name="Provider">Who takes the payments: <c>manual</c> (the operator) or <c>stripe</c>.</param>
/// <param name="ManageUrl">Where payment data are managed; absent: nowhere.</param>
public sealed record SubscriptionResponse(
    Guid? Id, PlanResponse Plan, string Status, string Interval, DateTimeOffset CurrentPeriodStart, DateTimeOffset CurrentPeriodEnd, string? NextPlan, string? NextInterval,
    PlanUsageResponse Usage, AccrualResponse? Accrual, decimal Credit, IReadOnlyList<string> Warnings, string Provider, string? ManageUrl);

/// <summary>Asks for a plan.</summary>
/// <param name="Plan">Its code.</param>
/// <param name="Interval"><c>month</c> or <c>year</c>.</param>
/// <param name="Confirm"><c>false</c>: nothing is changed, the answer only says what would be.</param>
public sealed record SubscribeRequest(
    [property: Required, StringLength(32, MinimumLength = 1)] string Plan,
    [property: AllowedValues("month", "year", ErrorMessage = "must be month or year")] string Interval = "month",
    bool? Confirm = null);

/// <summary>What a change of plan means.</summary>
/// <param name="Plan">The plan that was asked for.</param>
/// <param name="Interval">The interval that was asked for.</param>
/// <param name="Effect"><c>at_once</c>, <c>at_period_end</c>, <c>resume</c> (a pending change is taken back) or <c>checkout</c> (after payment at the provider).</param>
/// <param name="EffectiveAt">When it begins.</param>
/// <param name="DueNow">US dollars to pay for the change itself.</param>
/// <param name="Lines">What that is made of.</param>
/// <param name="NextAmount">US dollars at the next renewal, without events beyond the limit; absent: agreed with the operator.</param>
/// <param name="NextAt">When that is.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Warnings">What will no longer fit.</param>
public sealed record PlanChangeResponse(
    string Plan, string Interval, string Effect, DateTimeOffset EffectiveAt, decimal DueNow, IReadOnlyList<InvoiceLineResponse> Lines, decimal? NextAmount, DateTimeOffset NextAt, string Currency, IReadOnlyList<string> Warnings);

/// <summary>What came of asking for a plan.</summary>
/// <param name="Outcome"><c>upgraded</c>, <c>downgrade_scheduled</c>, <c>resumed</c>, <c>checkout</c> (go to <paramref name="CheckoutUrl"/>) or <c>preview</c>.</param>
/// <param name="Change">What the change means.</param>
/// <param name="Warnings">What will no longer fit.</param>
/// <param name="Subscription">The subscription as it is now; absent for <c>checkout</c> and <c>preview</c>.</param>
/// <param name="InvoiceId">The invoice of the change, where there is one.</param>
/// <param name="CheckoutUrl">Where to pay.</param>
public sealed record SubscribeResponse(string Outcome, PlanChangeResponse Change, IReadOnlyList<string> Warnings, SubscriptionResponse? Subscription = null, Guid? InvoiceId = null, string? CheckoutUrl = null);

/// <summary>One line of an invoice.</summary>
/// <param name="Description">For people.</param>
/// <param name="Quantity">How many.</param>
/// <param name="UnitPrice">US dollars each.</param>
/// <param name="Amount">US dollars, rounded to cents.</param>
public sealed record InvoiceLineResponse(string Description, decimal Quantity, decimal UnitPrice, decimal Amount);

/// <summary>An invoice.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="Number">For people, without gaps in a year: <c>2026-000042</c>.</param>
/// <param name="Status"><c>open</c>, <c>paid</c> or <c>void</c>.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Total">What the lines come to.</param>
/// <param name="PeriodStart">The period that it is about.</param>
/// <param name="PeriodEnd">Its end.</param>
/// <param name="Lines">What it is for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="PaidAt">When it was paid.</param>
public sealed record InvoiceResponse(
    Guid Id, string Number, string Status, string Currency, decimal Total, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, IReadOnlyList<InvoiceLineResponse> Lines, DateTimeOffset CreatedAt, DateTimeOffset? PaidAt);

/// <summary>The shapes of billing as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<PlanResponse>))]
[JsonSerializable(typeof(SubscriptionResponse))]
[JsonSerializable(typeof(SubscribeRequest))]
[JsonSerializable(typeof(SubscribeResponse))]
[JsonSerializable(typeof(PlanChangeResponse))]
[JsonSerializable(typeof(InvoiceResponse))]
[JsonSerializable(typeof(Page<InvoiceResponse>))]
public sealed partial class BillingContractsJson : JsonSerializerContext;
