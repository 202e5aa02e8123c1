using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Audits;

/// <summary>One stream: what one process wrote, from its start to its end.</summary>
public sealed class AuditStreamRow
{
    public Guid StreamId { get; set; }

    /// <summary>Order of opening.</summary>
    public long OpenedUs { get; set; }
}

/// <summary>One record. Written once; the database itself refuses to change or remove it.</summary>
public sealed class AuditRecordRow
{
    public Guid StreamId { get; set; }

    public long Seq { get; set; }

    /// <summary><c>opened</c>, <c>decision</c>, <c>outcome</c> or <c>sealed</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>When it happened, in microseconds since 1970-01-01 UTC.</summary>
    public long TimeUs { get; set; }

    public Guid? CallId { get; set; }

    public Guid? OrganizationId { get; set; }

    public Guid? ProjectId { get; set; }

    public string? Decision { get; set; }

    public string? Tool { get; set; }

    public string? Rule { get; set; }

    public string? Reason { get; set; }

    public string? Status { get; set; }

    /// <summary>Canonical JSON; the columns above are copies for searching.</summary>
    public required byte[] Envelope { get; set; }

    /// <summary>SHA-256(0x00 ‖ envelope).</summary>
    public required byte[] Leaf { get; set; }

    /// <summary>SHA-256(0x01 ‖ previous link ‖ leaf).</summary>
    public required byte[] Link { get; set; }
}

/// <summary>What a record says beyond its envelope. Can be erased without breaking the chain.</summary>
public sealed class AuditPayloadRow
{
    public Guid StreamId { get; set; }

    public long Seq { get; set; }

    public required byte[] Salt { get; set; }

    public required byte[] Payload { get; set; }
}

/// <summary>The audit log's own database. This context makes and migrates its tables; records are written by <see cref="SqliteAuditStore"/>.</summary>
public sealed class AuditDb(DbContextOptions<AuditDb> options) : DbContext(options)
{
    public DbSet<AuditStreamRow> Streams => Set<AuditStreamRow>();

    public DbSet<AuditRecordRow> Records => Set<AuditRecordRow>();

    public DbSet<AuditPayloadRow> Payloads => Set<AuditPayloadRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AuditStreamRow>(stream =>
        {
            stream.ToTable("audit_streams").HasKey(static row => row.StreamId);
        });
        modelBuilder.Entity<AuditRecordRow>(record =>
        {
            record.ToTable("audit_records").HasKey(static row => new { row.StreamId, row.Seq });
            record.HasOne<AuditStreamRow>().WithMany().HasForeignKey(static row => row.StreamId).OnDelete(DeleteBehavior.Restrict);
            record.HasIndex(static row => new { row.CallId, row.Kind }).IsUnique();
            record.HasIndex(static row => row.TimeUs);
        });
        modelBuilder.Entity<AuditPayloadRow>(payload =>
        {
            payload.ToTable("audit_payloads").HasKey(static row => new { row.StreamId, row.Seq });
            payload.HasOne<AuditRecordRow>().WithOne().HasForeignKey<AuditPayloadRow>(static row => new { row.StreamId, row.Seq }).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
