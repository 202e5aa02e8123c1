using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Outbox;

/// <summary>
/// What a person or the operator did, or what a client reported, on its way into the audit log: written in the transaction of the change itself, so
/// that no change is without its record, and removed when the log holds it.
/// </summary>
public sealed class ActionEntry
{
    /// <summary>Order of writing.</summary>
    public long Sequence { get; set; }

    /// <summary>Its id in the audit log: what was drained twice is there once.</summary>
    public Guid Id { get; set; }

    public Guid OrgId { get; set; }

    public Guid? ProjectId { get; set; }

    /// <summary><c>null</c>: the operator, or the program itself.</summary>
    public Guid? ActorUserId { get; set; }

    /// <summary>For people: the address of the user, <c>operator</c> or <c>system</c>.</summary>
    public required string ActorName { get; set; }

    /// <summary>What was done: <c>project.created</c>.</summary>
    public required string Action { get; set; }

    public required string TargetType { get; set; }

    public required string TargetId { get; set; }

    /// <summary>JSON, without secrets; <c>null</c>: there was nothing before.</summary>
    public string? Before { get; set; }

    /// <summary>JSON, without secrets; <c>null</c>: there is nothing any more.</summary>
    public string? After { get; set; }

    public string? ClientIp { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class ActionEntryConfiguration : IEntityTypeConfiguration<ActionEntry>
{
    public void Configure(EntityTypeBuilder<ActionEntry> entry)
    {
        // No foreign key: the record of a deletion outlives what was deleted.
        entry.ToTable("action_outbox").HasKey(static row => row.Sequence);
        entry.Property(static row => row.Sequence).ValueGeneratedOnAdd();
        entry.Property(static row => row.Action).HasMaxLength(64);
        entry.HasIndex(static row => row.Id).IsUnique();
    }
}
