using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Outbox;

/// <summary>A mail on its way: written in the transaction of what it tells of, sent by the worker, tried again when it fails.</summary>
public sealed class MailEntry
{
    public Guid Id { get; set; }

    public required string ToEmail { get; set; }

    /// <summary>What it is about, for the operator: <c>otp</c>, <c>invitation</c>, <c>usage_warning</c> …</summary>
    public required string Kind { get; set; }

    public required string Subject { get; set; }

    /// <summary>Emptied once it is sent: a code has no business in a database after that.</summary>
    public required string TextBody { get; set; }

    public required string HtmlBody { get; set; }

    public int Attempts { get; set; }

    /// <summary>When it is due; <c>null</c>: sent, or given up.</summary>
    public DateTimeOffset? DueAt { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>After this it is of no use and is not sent; <c>null</c>: always of use.</summary>
    public DateTimeOffset? UselessAfter { get; set; }

    /// <summary>Why the last try failed, without the mail's content.</summary>
    public string? LastError { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class MailEntryConfiguration : IEntityTypeConfiguration<MailEntry>
{
    public void Configure(EntityTypeBuilder<MailEntry> mail)
    {
        mail.ToTable("mail_outbox");
        mail.Property(static row => row.Id).ValueGeneratedNever();
        mail.Property(static row => row.ToEmail).HasMaxLength(User.EmailMaxLength);
        mail.HasIndex(static row => row.DueAt);
        mail.HasIndex(static row => row.CreatedAt);
    }
}
