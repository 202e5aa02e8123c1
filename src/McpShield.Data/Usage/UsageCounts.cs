using McpShield.Data.Accounts;
using McpShield.Data.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Usage;

/// <summary>All events of a calendar month (UTC) of the organization that a user owns: what the plan's limit is held against.</summary>
public sealed class UsageMonthly
{
    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public int Year { get; set; }

    public int Month { get; set; }

    public long EventCount { get; set; }

    /// <summary>When the owner was told that most of the limit is used; <c>null</c>: not yet.</summary>
    public DateTimeOffset? WarnedAt { get; set; }

    /// <summary>When the owner was told that the limit is used up; <c>null</c>: not yet.</summary>
    public DateTimeOffset? ExceededAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Events of one day (UTC), one project, one tool, one decision: what summaries are made of, so that nobody counts raw rows.</summary>
public sealed class UsageDaily
{
    public Guid OrgId { get; set; }

    public DateOnly Day { get; set; }

    public Guid ProjectId { get; set; }

    /// <summary>Empty: events that name no tool.</summary>
    public required string ToolName { get; set; }

    /// <summary><c>allow</c>, <c>deny</c>, <c>approve</c>; empty: events without a decision.</summary>
    public required string Decision { get; set; }

    /// <summary><c>enforced</c>: decided by us; <c>reported</c>: told by a client.</summary>
    public required string Source { get; set; }

    /// <summary>Whether the tool is one of a database connection.</summary>
    public bool IsInfrastructure { get; set; }

    public long EventCount { get; set; }
}

/// <summary>One generation of the assistant.</summary>
public sealed class AiGeneration
{
    public Guid Id { get; set; }

    public Guid OrgId { get; set; }

    public Guid UserId { get; set; }

    public Guid? ProjectId { get; set; }

    /// <summary><c>policy</c>, <c>analyze</c> or <c>advise</c>.</summary>
    public required string Kind { get; set; }

    public required string Model { get; set; }

    public int PromptTokens { get; set; }

    public int CompletionTokens { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>How far a stream of the audit log has been counted. Moved in the transaction that counts, so that each record counts exactly once.</summary>
public sealed class UsageCursor
{
    public Guid StreamId { get; set; }

    public long Seq { get; set; }
}

internal sealed class UsageMonthlyConfiguration : IEntityTypeConfiguration<UsageMonthly>
{
    public void Configure(EntityTypeBuilder<UsageMonthly> usage)
    {
        usage.ToTable("usage_monthly");
        usage.Property(static row => row.Id).ValueGeneratedNever();
        usage.HasOne<User>().WithMany().HasForeignKey(static row => row.UserId).OnDelete(DeleteBehavior.Cascade);
        usage.HasIndex(static row => new { row.UserId, row.Year, row.Month }).IsUnique();
    }
}

internal sealed class UsageDailyConfiguration : IEntityTypeConfiguration<UsageDaily>
{
    public void Configure(EntityTypeBuilder<UsageDaily> usage)
    {
        usage.ToTable("usage_daily").HasKey(static row => new { row.OrgId, row.Day, row.ProjectId, row.ToolName, row.Decision, row.Source, row.IsInfrastructure });
        usage.Property(static row => row.ToolName).HasMaxLength(200);
        usage.Property(static row => row.Decision).HasMaxLength(16);
        usage.Property(static row => row.Source).HasMaxLength(16);
        usage.HasOne<Organization>().WithMany().HasForeignKey(static row => row.OrgId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class AiGenerationConfiguration : IEntityTypeConfiguration<AiGeneration>
{
    public void Configure(EntityTypeBuilder<AiGeneration> generation)
    {
        generation.ToTable("ai_generations");
        generation.Property(static row => row.Id).ValueGeneratedNever();
        generation.HasOne<Organization>().WithMany().HasForeignKey(static row => row.OrgId).OnDelete(DeleteBehavior.Cascade);
        generation.HasIndex(static row => new { row.OrgId, row.CreatedAt });
    }
}

internal sealed class UsageCursorConfiguration : IEntityTypeConfiguration<UsageCursor>
{
    public void Configure(EntityTypeBuilder<UsageCursor> cursor)
    {
        cursor.ToTable("usage_cursors").HasKey(static row => row.StreamId);
        cursor.Property(static row => row.StreamId).ValueGeneratedNever();
    }
}
