using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Organizations;

/// <summary>An open door for one address, for a while.</summary>
public sealed class Invitation
{
    public Guid Id { get; set; }

    public Guid OrgId { get; set; }

    /// <summary>Lower case, as <see cref="User.Email"/>.</summary>
    public required string Email { get; set; }

    public Role Role { get; set; }

    /// <summary>SHA-256 of the token in the mail.</summary>
    public required byte[] TokenHash { get; set; }

    public Guid InvitedByUserId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? AcceptedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> invitation)
    {
        invitation.ToTable("invitations");
        invitation.Property(static row => row.Id).ValueGeneratedNever();
        invitation.Property(static row => row.Email).HasMaxLength(User.EmailMaxLength);
        invitation.Property(static row => row.Role).HasConversion<string>().HasMaxLength(16);
        invitation.HasOne<Organization>().WithMany().HasForeignKey(static row => row.OrgId).OnDelete(DeleteBehavior.Cascade);
        invitation.HasIndex(static row => row.TokenHash).IsUnique();
        invitation.HasIndex(static row => new { row.OrgId, row.Email });
    }
}
