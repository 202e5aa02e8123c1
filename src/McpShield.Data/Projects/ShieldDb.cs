using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace McpShield.Data.Projects;

/// <summary>Who owns projects.</summary>
public sealed class Organization
{
    public Guid Id { get; set; }

    public required string Name { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A policy and what it protects.</summary>
public sealed class Project
{
    public Guid Id { get; set; }

    public Guid OrgId { get; set; }

    public required string Name { get; set; }

    /// <summary><c>dev</c>, <c>staging</c> or <c>prod</c>.</summary>
    public required string Environment { get; set; }

    public required string PolicyYaml { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public List<ApiKey> Keys { get; } = [];

    public List<Connection> Connections { get; } = [];
}

/// <summary>A key of a project, by its digest: the key itself is nowhere.</summary>
public sealed class ApiKey
{
    public Guid Id { get; set; }

    public Guid ProjectId { get; set; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] KeyHash { get; set; }

    /// <summary>The first characters, for recognising it.</summary>
    public required string KeyPrefix { get; set; }

    public string? Name { get; set; }

    /// <summary>The agent that uses it, as policies and audits name it.</summary>
    public required string Agent { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>A database that a project's agents may reach.</summary>
public sealed class Connection
{
    public Guid Id { get; set; }

    public Guid ProjectId { get; set; }

    /// <summary>The server id of its tools.</summary>
    public required string Name { get; set; }

    /// <summary><c>sqlite</c>.</summary>
    public required string System { get; set; }

    /// <summary>For SQLite the file, from the data directory where it is relative.</summary>
    public required string Target { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>The control plane's database.</summary>
public sealed class ShieldDb(DbContextOptions<ShieldDb> options) : DbContext(options)
{
    public DbSet<Organization> Organizations => Set<Organization>();

    public DbSet<Project> Projects => Set<Project>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Connection> Connections => Set<Connection>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Organization>(organization =>
        {
            organization.ToTable("organizations");
            organization.Property(static row => row.Name).HasMaxLength(200);
        });
        modelBuilder.Entity<Project>(project =>
        {
            project.ToTable("projects");
            project.Property(static row => row.Name).HasMaxLength(200);
            project.HasOne<Organization>().WithMany().HasForeignKey(static row => row.OrgId);
            project.HasIndex(static row => new { row.OrgId, row.Name }).IsUnique();
            project.HasMany(static row => row.Keys).WithOne().HasForeignKey(static row => row.ProjectId);
            project.HasMany(static row => row.Connections).WithOne().HasForeignKey(static row => row.ProjectId);
        });
        modelBuilder.Entity<ApiKey>(key =>
        {
            key.ToTable("api_keys");
            key.HasIndex(static row => row.KeyHash).IsUnique();
        });
        modelBuilder.Entity<Connection>(connection =>
        {
            connection.ToTable("connections");
            connection.HasIndex(static row => new { row.ProjectId, row.Name }).IsUnique();
        });
    }

    // SQLite cannot order or compare DateTimeOffset: a moment is kept as UTC ticks.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(static time => time.UtcTicks, static ticks => new(ticks, TimeSpan.Zero));
}
