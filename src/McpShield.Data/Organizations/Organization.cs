using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Organizations;

/// <summary>Who owns projects, and who pays: one for each user, who may invite others into it.</summary>
public sealed class Organization
{
    public const int NameMaxLength = 200;

    public Guid Id { get; set; }

    public required string Name { get; set; }

    public Guid OwnerUserId { get; set; }

    /// <summary>Until then its agents' calls are refused, because the plan's events are used up and the plan refuses what is beyond; <c>null</c>: they are not.</summary>
    public DateTimeOffset? EventsRefusedUntil { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class OrganizationConfiguration : IEntityTypeConfiguration<Organization>
{
    public void Configure(EntityTypeBuilder<Organization> organization)
    {
        organization.ToTable("organizations");
        organization.Property(static row => row.Id).ValueGeneratedNever();
        organization.Property(static row => row.Name).HasMaxLength(Organization.NameMaxLength);
        organization.HasOne<User>().WithMany().HasForeignKey(static row => row.OwnerUserId).OnDelete(DeleteBehavior.Cascade);
        organization.HasIndex(static row => row.OwnerUserId).IsUnique();
    }
}
