using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Projects;

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

internal sealed class ConnectionConfiguration : IEntityTypeConfiguration<Connection>
{
    public void Configure(EntityTypeBuilder<Connection> connection)
    {
        connection.ToTable("connections");
        connection.Property(static row => row.Id).ValueGeneratedNever();
        connection.HasOne<Project>().WithMany(static row => row.Connections).HasForeignKey(static row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        connection.HasIndex(static row => new { row.ProjectId, row.Name }).IsUnique();
    }
}
