using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Accounts;

/// <summary>What a person tells about themselves, and whether they may come in.</summary>
public sealed class Profile
{
    public const string Active = "active";
    public const string Suspended = "suspended";
    public const string Deleted = "deleted";

    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public string? Company { get; set; }

    public string? JobTitle { get; set; }

    public string? Bio { get; set; }

    public string? Location { get; set; }

    public string? WebsiteUrl { get; set; }

    /// <summary><see cref="Active"/>, <see cref="Suspended"/> or <see cref="Deleted"/>.</summary>
    public string Status { get; set; } = Active;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class ProfileConfiguration : IEntityTypeConfiguration<Profile>
{
    public void Configure(EntityTypeBuilder<Profile> profile)
    {
        profile.ToTable("profiles");
        profile.Property(static row => row.Id).ValueGeneratedNever();
        profile.Property(static row => row.Status).HasMaxLength(16);
        profile.HasOne<User>().WithOne(static row => row.Profile).HasForeignKey<Profile>(static row => row.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
