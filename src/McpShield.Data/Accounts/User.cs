using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Accounts;

/// <summary>A person who can sign in.</summary>
public sealed class User
{
    public const int EmailMaxLength = 254;
    public const int NameMaxLength = 100;

    public Guid Id { get; set; }

    /// <summary>Lower case: people do not agree on the case of their address.</summary>
    public required string Email { get; set; }

    /// <summary>Argon2id, encoded; <c>null</c>: has not set a password yet, and cannot sign in with one.</summary>
    public string? PasswordHash { get; set; }

    public required string FirstName { get; set; }

    public required string LastName { get; set; }

    public bool IsEmailVerified { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public Profile? Profile { get; set; }

    /// <summary>The form in which an address is kept and looked up.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();
}

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.ToTable("users");
        user.Property(static row => row.Id).ValueGeneratedNever();
        user.Property(static row => row.Email).HasMaxLength(User.EmailMaxLength);
        user.Property(static row => row.FirstName).HasMaxLength(User.NameMaxLength);
        user.Property(static row => row.LastName).HasMaxLength(User.NameMaxLength);
        user.HasIndex(static row => row.Email).IsUnique();
    }
}
