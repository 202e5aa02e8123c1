using System.Globalization;
using McpShield.Contracts;
using McpShield.Data.Billing;

namespace McpShield.Server.Features.Billing;

/// <summary>Plans as the API shows them.</summary>
internal static class PlanTexts
{
    public const string Currency = "USD";

    public static decimal? PriceOf(Plan plan, string interval) => interval == Periods.Year ? plan.PriceYearly : plan.PriceMonthly;

    public static PlanResponse ToResponse(this Plan plan) => new(
        plan.Code, plan.Name, plan.Description, plan.PriceMonthly, plan.PriceYearly, Currency,
        new(plan.Limits.MaxEvents, plan.Limits.MaxProjects, plan.Limits.MaxMembers, plan.Limits.AuditRetentionDays, plan.Limits.MaxAiGenerations, plan.Limits.PastLimit.ToString().ToLowerInvariant(), plan.Limits.PricePerThousandEvents),
        [.. Features(plan.Limits)]);

    private static IEnumerable<string> Features(PlanLimits limits)
    {
        yield return limits.MaxEvents is { } events ? Text($"{events:N0} events a month") : "As many events as you like";
        if (limits is { PastLimit: PastLimit.Bill, MaxEvents: not null, PricePerThousandEvents: { } price }) yield return Text($"Each thousand events beyond for ${price:0.00}");
        yield return limits.MaxProjects switch { null => "As many projects as you like", 1 => "1 project", { } projects => Text($"{projects:N0} projects") };
        yield return limits.AuditRetentionDays is { } days ? Text($"Audits kept for {days:N0} days") : "Audits kept for as long as you like";
        yield return limits.MaxAiGenerations is { } generations ? Text($"{generations:N0} AI generations a month") : "As many AI generations as you like";
        yield return limits.MaxMembers is { } members ? Text($"{members:N0} members") : "As many members as you like";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
