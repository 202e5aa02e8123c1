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
/// <remarks>The columns between <see cref="CallId"/> and <see cref="Method"/> are copies of the envelope for searching and for reports.</remarks>
public sealed class AuditRecordRow
{
    public Guid StreamId { get; set; }

    public long Seq { get; set; }

    /// <summary><c>opened</c>, <c>decision</c>, <c>outcome</c>, <c>action</c> or <c>sealed</c>.</summary>
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

    public long? DurationUs { get; set; }

    public string? Agent { get; set; }

    public string? KeyId { get; set; }

    public string? Source { get; set; }

    public string? Action { get; set; }

    public string? Actor { get; set; }

    public string? Method { get; set; }

    /// <summary>Canonical JSON.</summary>
    public required byte[] Envelope { get; set; }

    /// <summary>SHA-256(0x00 ‖ envelope).</summary>
    public required byte[] Leaf { get; set; }

    /// <summary>SHA-256(0x01 ‖ previous link ‖ leaf).</summary>
    public required byte[] Link { get; set; }

    /// <summary>Whose entry it is (<see cref="AuditScopeRow"/>); <c>null</c> of records that are no entries.</summary>
    public long? ScopeId { get; set; }

    /// <summary>Its tool or action (<see cref="AuditNameRow"/>).</summary>
    public long? WhatId { get; set; }

    /// <summary>Its agent and key, or its actor.</summary>
    public long? WhoId { get; set; }

    /// <summary>Its reason, rule and message.</summary>
    public long? WhyId { get; set; }
}

/// <summary>What a record says beyond its envelope. Can be erased without breaking the chain.</summary>
public sealed class AuditPayloadRow
{
    public Guid StreamId { get; set; }

    public long Seq { get; set; }

    public required byte[] Salt { get; set; }

    public required byte[] Payload { get; set; }
}

/// <summary>A project with entries, and how far back they are shown. Entries of no project stand under <see cref="Guid.Empty"/>.</summary>
public sealed class AuditScopeRow
{
    /// <summary>The end of time: nothing of a deleted project is shown.</summary>
    public const long Hidden = long.MaxValue;

    public long ScopeId { get; set; }

    public Guid OrganizationId { get; set; }

    public Guid ProjectId { get; set; }

    /// <summary>Entries before this moment are no longer shown, and their payloads are erased.</summary>
    public long ErasedBeforeUs { get; set; }

    /// <summary>How far the erasing of payloads got.</summary>
    public long ErasedUntilUs { get; set; }
}

/// <summary>A combination of names that a project's entries share: a tool, or an agent with its key, or a reason with its rule and message.</summary>
/// <remarks>
/// Searching finds names first and then the entries that have them: there are few names and many entries. Two rows may say the same;
/// a search takes all rows that fit.
/// </remarks>
public sealed class AuditNameRow
{
    public long NameId { get; set; }

    public long ScopeId { get; set; }

    /// <summary><c>what</c>, <c>who</c> or <c>why</c>: which column of a record refers to it.</summary>
    public required string Facet { get; set; }

    /// <summary>SHA-256 of facet and names, so that it is found again; random where its message was erased.</summary>
    public required byte[] Digest { get; set; }

    /// <summary>Whether it stands for all names beyond the most that a project may have.</summary>
    public bool IsRest { get; set; }

    public string? Tool { get; set; }

    public string? Action { get; set; }

    public string? Agent { get; set; }

    public string? KeyId { get; set; }

    public string? Source { get; set; }

    public string? Actor { get; set; }

    public string? Reason { get; set; }

    public string? Rule { get; set; }

    /// <summary>The names in lower case, and the message: what a text is searched in.</summary>
    public required string Folded { get; set; }
}

/// <summary>The audit log's tables. The contexts make and migrate them; records are written by the stores.</summary>
public abstract class AuditDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<AuditStreamRow> Streams => Set<AuditStreamRow>();

    public DbSet<AuditRecordRow> Records => Set<AuditRecordRow>();

    public DbSet<AuditPayloadRow> Payloads => Set<AuditPayloadRow>();

    public DbSet<AuditScopeRow> Scopes => Set<AuditScopeRow>();

    public DbSet<AuditNameRow> Names => Set<AuditNameRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AuditStreamRow>(static stream => stream.ToTable("audit_streams").HasKey(static row => row.StreamId));
        modelBuilder.Entity<AuditRecordRow>(static record =>
        {
            record.ToTable("audit_records").HasKey(static row => new { row.StreamId, row.Seq });
            record.HasIndex(static row => new { row.CallId, row.Kind }).IsUnique();

            // An entry is a decision or an action; only they have a scope, so outcomes cost these indexes nothing.
            record.HasIndex(static row => new { row.ScopeId, row.TimeUs }).HasFilter("scope_id IS NOT NULL");
            record.HasIndex(static row => new { row.WhatId, row.TimeUs }).HasFilter("what_id IS NOT NULL");
            record.HasIndex(static row => new { row.WhoId, row.TimeUs }).HasFilter("who_id IS NOT NULL");
            record.HasIndex(static row => new { row.WhyId, row.TimeUs }).HasFilter("why_id IS NOT NULL");
            record.HasIndex(static row => new { row.ScopeId, row.Decision, row.TimeUs }).HasFilter("decision IN ('deny', 'approve')");
        });
        modelBuilder.Entity<AuditPayloadRow>(static payload => payload.ToTable("audit_payloads").HasKey(static row => new { row.StreamId, row.Seq }));
        modelBuilder.Entity<AuditScopeRow>(static scope =>
        {
            scope.ToTable("audit_scopes").HasKey(static row => row.ScopeId);
            scope.HasIndex(static row => new { row.OrganizationId, row.ProjectId }).IsUnique();
            scope.HasIndex(static row => row.ProjectId);
        });
        modelBuilder.Entity<AuditNameRow>(static name =>
        {
            name.ToTable("audit_names").HasKey(static row => row.NameId);
            name.HasIndex(static row => new { row.ScopeId, row.Digest }).IsUnique();
        });
    }
}
