using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Audits;

/// <summary>The audit log in a file of its own.</summary>
public sealed class SqliteAuditDb(DbContextOptions<SqliteAuditDb> options) : AuditDb(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<AuditRecordRow>(static record =>
        {
            record.HasOne<AuditStreamRow>().WithMany().HasForeignKey(static row => row.StreamId).OnDelete(DeleteBehavior.Restrict);
            record.HasIndex(static row => row.TimeUs);
        });
        modelBuilder.Entity<AuditPayloadRow>(static payload =>
            payload.HasOne<AuditRecordRow>().WithOne().HasForeignKey<AuditPayloadRow>(static row => new { row.StreamId, row.Seq }).OnDelete(DeleteBehavior.Restrict));
    }
}
