using McpShield.Data.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Projects;

/// <summary>A policy and what it protects.</summary>
public sealed class Project
{
    public const int NameMaxLength = 100;

    public Guid Id { get; set; }

    public Guid OrgId { get; set; }

    /// <summary>Unique in its organization.</summary>
    public required string Name { get; set; }

    /// <summary><c>dev</c>, <c>staging</c> or <c>prod</c>.</summary>
    public required string Environment { get; set; }

    public required string PolicyYaml { get; set; }

    /// <summary>Counts the policy's versions, from 1; guards against two people saving at once.</summary>
    public int PolicyVersion { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public List<ApiKey> Keys { get; } = [];

    public List<Connection> Connections { get; } = [];
}

internal sealed class ProjectConfiguration : IEntityTypeConfiguration<Project>
{
    public void Configure(EntityTypeBuilder<Project> project)
    {
        project.ToTable("projects");
        project.Property(static row => row.Id).ValueGeneratedNever();
        project.Property(static row => row.Name).HasMaxLength(Project.NameMaxLength);
        project.Property(static row => row.Environment).HasMaxLength(16);
        project.Property(static row => row.PolicyVersion).IsConcurrencyToken();
        project.HasOne<Organization>().WithMany().HasForeignKey(static row => row.OrgId).OnDelete(DeleteBehavior.Cascade);
        project.HasIndex(static row => new { row.OrgId, row.Name }).IsUnique();
    }
}
