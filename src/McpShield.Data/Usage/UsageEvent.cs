using McpShield.Data.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Usage;

/// <summary>Something a client told us that it did or decided. Counted once, by its event id.</summary>
public sealed class UsageEvent
{
    public Guid Id { get; set; }

    public Guid ProjectId { get; set; }

    /// <summary>The client's own id of it, for retries; without one, ours. Unique in the project.</summary>
    public required string EventId { get; set; }

    /// <summary><c>policy_check</c> or <c>api_call</c>.</summary>
    public required string EventType { get; set; }

    public string? ToolName { get; set; }

    /// <summary><c>allow</c>, <c>deny</c>, <c>approve</c>, or <c>null</c>.</summary>
    public string? Decision { get; set; }

    /// <summary>When it happened, as the client says.</summary>
    public DateTimeOffset Timestamp { get; set; }

    /// <summary>The decision of ours that it reports on; then it was counted when it was decided.</summary>
    public Guid? DecisionId { get; set; }

    public Guid? KeyId { get; set; }

    /// <summary>How it ended, as the client says: <c>succeeded</c>, <c>tool_error</c> …; <c>null</c>: not told.</summary>
    public string? Outcome { get; set; }

    /// <summary>How long it took, as the client says.</summary>
    public long? DurationMs { get; set; }

    /// <summary>JSON, as it came, without secrets.</summary>
    public string? Metadata { get; set; }

    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>When the audit log held what it has to hold of it; <c>null</c>: not yet. Written after the log's commit, so that a crash in between loses nothing.</summary>
    public DateTimeOffset? AuditedAt { get; set; }
}

internal sealed class UsageEventConfiguration : IEntityTypeConfiguration<UsageEvent>
{
    public void Configure(EntityTypeBuilder<UsageEvent> usage)
    {
        usage.ToTable("usage_events");
        usage.Property(static row => row.Id).ValueGeneratedNever();
        usage.Property(static row => row.EventId).HasMaxLength(128);
        usage.HasOne<Project>().WithMany().HasForeignKey(static row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        usage.HasIndex(static row => new { row.ProjectId, row.EventId }).IsUnique();
        usage.HasIndex(static row => new { row.ProjectId, row.Timestamp });
        usage.Property(static row => row.Outcome).HasMaxLength(16);

        // Only what waits for the audit log stands in it: a few rows, whatever the table holds.
        usage.HasIndex(static row => row.Id).HasFilter("audited_at IS NULL").HasDatabaseName("ix_usage_events_unaudited");
    }
}
