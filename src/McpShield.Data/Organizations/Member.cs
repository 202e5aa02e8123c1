using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Organizations;

/// <summary>What a member of an organization may do; which role may do what stands in the server's table of permissions.</summary>
public enum Role
{
    /// <summary>Reads. Zero: a role that nobody gave must not open a door.</summary>
    Auditor,

    /// <summary>Reads, and answers calls that wait for a person.</summary>
    Approver,

    /// <summary>Makes projects, policies and keys.</summary>
    Developer,

    /// <summary>Everything but what only the owner may.</summary>
    Admin,

    /// <summary>The one whose organization it is.</summary>
    Owner,
}

/// <summary>A person in an organization. Its owner is a member too.</summary>
public sealed class Member
{
    public Guid OrgId { get; set; }

    public Guid UserId { get; set; }

    public Role Role { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class MemberConfiguration : IEntityTypeConfiguration<Member>
{
    public void Configure(EntityTypeBuilder<Member> member)
    {
        member.ToTable("members").HasKey(static row => new { row.OrgId, row.UserId });
        member.Property(static row => row.Role).HasConversion<string>().HasMaxLength(16);
        member.HasOne<Organization>().WithMany().HasForeignKey(static row => row.OrgId).OnDelete(DeleteBehavior.Cascade);
        member.HasOne<User>().WithMany().HasForeignKey(static row => row.UserId).OnDelete(DeleteBehavior.Cascade);
        member.HasIndex(static row => row.UserId);
    }
}
