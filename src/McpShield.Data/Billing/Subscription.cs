using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Billing;

/// <summary>Which plan a user, and so the organization that the user owns, is on. One is active at a time; the others are history.</summary>
public sealed class Subscription
{
    public const string Active = "active";
    public const string Canceled = "canceled";
    public const string Expired = "expired";

    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public Guid PlanId { get; set; }

    /// <summary><see cref="Active"/>, <see cref="Canceled"/> (paid until the period's end) or <see cref="Expired"/>.</summary>
    public string Status { get; set; } = Active;

    /// <summary><c>month</c> or <c>year</c>.</summary>
    public string Interval { get; set; } = "month";

    public DateTimeOffset CurrentPeriodStart { get; set; }

    public DateTimeOffset CurrentPeriodEnd { get; set; }

    /// <summary>The plan that begins when this period ends, after a downgrade; <c>null</c>: this one goes on.</summary>
    public Guid? NextPlanId { get; set; }

    public string? NextInterval { get; set; }

    /// <summary><c>manual</c> or <c>stripe</c>.</summary>
    public string Provider { get; set; } = "manual";

    public string? ProviderCustomerId { get; set; }

    public string? ProviderSubscriptionId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? CanceledAt { get; set; }

    /// <summary>Whether this is the one in force. A column of its own, so that an index can hold that there is only one.</summary>
    public bool IsCurrent { get; set; } = true;

    public Plan? Plan { get; set; }
}

internal sealed class SubscriptionConfiguration : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> subscription)
    {
        subscription.ToTable("subscriptions");
        subscription.Property(static row => row.Id).ValueGeneratedNever();
        subscription.Property(static row => row.Status).HasMaxLength(16);
        subscription.HasOne<User>().WithMany().HasForeignKey(static row => row.UserId).OnDelete(DeleteBehavior.Cascade);
        subscription.HasOne(static row => row.Plan).WithMany().HasForeignKey(static row => row.PlanId).OnDelete(DeleteBehavior.Restrict);
        subscription.HasOne<Plan>().WithMany().HasForeignKey(static row => row.NextPlanId).OnDelete(DeleteBehavior.Restrict);

        // INVARIANT: one current subscription a user, whatever two requests at once do.
        subscription.HasIndex(static row => row.UserId).IsUnique().HasFilter("is_current").HasDatabaseName("ix_subscriptions_current");
        subscription.HasIndex(static row => new { row.UserId, row.CreatedAt });
        subscription.HasIndex(static row => row.CurrentPeriodEnd);
        subscription.HasIndex(static row => row.ProviderSubscriptionId);
    }
}
