using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Projects;

/// <summary>A key of a project, by its digest: the key itself is nowhere.</summary>
public sealed class ApiKey
{
    public const int NameMaxLength = 100;

    public Guid Id { get; set; }

    public Guid ProjectId { get; set; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] KeyHash { get; set; }

    /// <summary>The first characters, for recognising it.</summary>
    public required string KeyPrefix { get; set; }

    public string? Name { get; set; }

    /// <summary>The agent that uses it, as policies and audits name it.</summary>
    public required string Agent { get; set; }

    /// <summary>Roles of the principal, for policies.</summary>
    public List<string> Roles { get; set; } = [];

    /// <summary>Scopes of the principal, for policies.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>Who made it; <c>null</c>: the program itself, or somebody who is gone.</summary>
    public Guid? CreatedByUserId { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.ToTable("api_keys");
        key.Property(static row => row.Id).ValueGeneratedNever();
        key.Property(static row => row.Name).HasMaxLength(ApiKey.NameMaxLength);
        key.HasOne<Project>().WithMany(static row => row.Keys).HasForeignKey(static row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);

        // THREAT: a stolen database. Only the digest is stored, so it holds no usable key.
        key.HasIndex(static row => row.KeyHash).IsUnique();
        key.HasIndex(static row => new { row.ProjectId, row.CreatedAt });
    }
}
