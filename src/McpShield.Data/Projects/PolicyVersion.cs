using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Projects;

/// <summary>A policy as it once was, or is: who made it so, when, and why.</summary>
public sealed class PolicyVersion
{
    public const int ReasonMaxLength = 500;

    public Guid ProjectId { get; set; }

    public int Version { get; set; }

    public required string PolicyYaml { get; set; }

    /// <summary>The policy's hash, as the audit log names it.</summary>
    public required string PolicyHash { get; set; }

    /// <summary><c>null</c>: the program itself, or somebody who is gone.</summary>
    public Guid? AuthorUserId { get; set; }

    public required string AuthorName { get; set; }

    public string? Reason { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class PolicyVersionConfiguration : IEntityTypeConfiguration<PolicyVersion>
{
    public void Configure(EntityTypeBuilder<PolicyVersion> version)
    {
        version.ToTable("policy_versions").HasKey(static row => new { row.ProjectId, row.Version });
        version.Property(static row => row.Reason).HasMaxLength(PolicyVersion.ReasonMaxLength);
        version.HasOne<Project>().WithMany().HasForeignKey(static row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
    }
}
