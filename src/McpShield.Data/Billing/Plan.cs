using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Billing;

/// <summary>What one can subscribe to.</summary>
public sealed class Plan
{
    public const string Free = "free";
    public const string Pro = "pro";
    public const string Enterprise = "enterprise";

    public Guid Id { get; set; }

    /// <summary>Unique; never changes.</summary>
    public required string Code { get; set; }

    public required string Name { get; set; }

    public required string Description { get; set; }

    /// <summary>US dollars; <c>null</c>: agreed with the operator.</summary>
    public decimal? PriceMonthly { get; set; }

    /// <summary>US dollars for a year; <c>null</c>: agreed with the operator.</summary>
    public decimal? PriceYearly { get; set; }

    public required PlanLimits Limits { get; set; }

    /// <summary>Whether it is offered.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>From the smallest to the largest: what is an upgrade and what a downgrade.</summary>
    public int Rank { get; set; }
}

/// <summary>What happens to events beyond a plan's limit.</summary>
public enum PastLimit
{
    /// <summary>They are refused. Zero: a plan that does not say so gives nothing away.</summary>
    Refuse,

    /// <summary>They are taken, with a warning.</summary>
    Warn,

    /// <summary>They are taken, counted and put on the invoice.</summary>
    Bill,
}

/// <summary>What a plan allows. <c>null</c>: without limit.</summary>
/// <param name="MaxEvents">Events a calendar month (UTC).</param>
/// <param name="MaxProjects">Projects at a time.</param>
/// <param name="AuditRetentionDays">Days for which audits are kept.</param>
/// <param name="MaxAiGenerations">Generations of the assistant a calendar month (UTC).</param>
/// <param name="MaxMembers">Members of the organization, its owner among them.</param>
/// <param name="PastLimit">What happens to events beyond <paramref name="MaxEvents"/>.</param>
/// <param name="PricePerThousandEvents">US dollars for each begun thousand beyond <paramref name="MaxEvents"/>, where <paramref name="PastLimit"/> is <see cref="PastLimit.Bill"/>.</param>
public sealed record PlanLimits(
    long? MaxEvents, int? MaxProjects, int? AuditRetentionDays, int? MaxAiGenerations, int? MaxMembers = null, PastLimit PastLimit = PastLimit.Refuse, decimal? PricePerThousandEvents = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PlanLimits))]
[JsonSerializable(typeof(List<InvoiceLine>))]
internal sealed partial class BillingJson : JsonSerializerContext;

internal sealed class PlanConfiguration : IEntityTypeConfiguration<Plan>
{
    public void Configure(EntityTypeBuilder<Plan> plan)
    {
        plan.ToTable("plans");
        plan.Property(static row => row.Id).ValueGeneratedNever();
        plan.Property(static row => row.Code).HasMaxLength(32);
        plan.Property(static row => row.PriceMonthly).HasPrecision(12, 2);
        plan.Property(static row => row.PriceYearly).HasPrecision(12, 2);
        plan.Property(static row => row.Limits).HasConversion(
            static limits => JsonSerializer.Serialize(limits, BillingJson.Default.PlanLimits),
            static text => JsonSerializer.Deserialize(text, BillingJson.Default.PlanLimits)!);
        plan.HasIndex(static row => row.Code).IsUnique();
    }
}
