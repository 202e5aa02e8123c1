using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Projects;

/// <summary>The one row that counts changes of anything a gateway decides by. Written by triggers, so that no change can forget it.</summary>
/// <remarks>
/// INVARIANT: whoever counts holds the row until its transaction ends, so numbers become visible in their order, and a reader that has seen
/// one has missed none before it.
/// </remarks>
public sealed class ChangeCounter
{
    public int Id { get; set; }

    public long Value { get; set; }
}

/// <summary>The number of the last change of a project, also of one that is gone.</summary>
public sealed class ProjectChange
{
    public Guid ProjectId { get; set; }

    public long Value { get; set; }
}

internal sealed class ChangeCounterConfiguration : IEntityTypeConfiguration<ChangeCounter>
{
    public void Configure(EntityTypeBuilder<ChangeCounter> counter)
    {
        counter.ToTable("change_counter");
        counter.Property(static row => row.Id).ValueGeneratedNever();
        counter.HasData(new ChangeCounter { Id = 1, Value = 1 });
    }
}

internal sealed class ProjectChangeConfiguration : IEntityTypeConfiguration<ProjectChange>
{
    public void Configure(EntityTypeBuilder<ProjectChange> change)
    {
        change.ToTable("project_changes").HasKey(static row => row.ProjectId);
        change.Property(static row => row.ProjectId).ValueGeneratedNever();
        change.HasIndex(static row => row.Value);
    }
}
