using System.Text.Json;
using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpShield.Data.Billing;

/// <summary>One line of an invoice.</summary>
/// <param name="Description">For people.</param>
/// <param name="Quantity">How many.</param>
/// <param name="UnitPrice">US dollars each.</param>
/// <param name="Amount">US dollars, rounded to cents.</param>
public sealed record InvoiceLine(string Description, decimal Quantity, decimal UnitPrice, decimal Amount);

/// <summary>What somebody owes or has paid. Never changes but for its payment.</summary>
public sealed class Invoice
{
    public const string Open = "open";
    public const string Paid = "paid";
    public const string Void = "void";

    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public Guid SubscriptionId { get; set; }

    /// <summary>Unique, for people: <c>2026-000042</c>.</summary>
    public required string Number { get; set; }

    public DateTimeOffset PeriodStart { get; set; }

    public DateTimeOffset PeriodEnd { get; set; }

    /// <summary>ISO 4217.</summary>
    public string Currency { get; set; } = "USD";

    public required List<InvoiceLine> Lines { get; set; }

    public decimal Total { get; set; }

    /// <summary><see cref="Open"/>, <see cref="Paid"/> or <see cref="Void"/>.</summary>
    public string Status { get; set; } = Open;

    public string? ProviderInvoiceId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? PaidAt { get; set; }
}

/// <summary>The last number given out in a year. It outlives invoices: one that went with a deleted account leaves its number used.</summary>
public sealed class InvoiceSeries
{
    public int Year { get; set; }

    public long Last { get; set; }
}

/// <summary>A message of a payment provider that was carried out; the second of the same id is not.</summary>
public sealed class BillingEvent
{
    public required string Id { get; set; }

    public required string Type { get; set; }

    public DateTimeOffset ReceivedAt { get; set; }
}

internal sealed class InvoiceConfiguration : IEntityTypeConfiguration<Invoice>
{
    public void Configure(EntityTypeBuilder<Invoice> invoice)
    {
        invoice.ToTable("invoices");
        invoice.Property(static row => row.Id).ValueGeneratedNever();
        invoice.Property(static row => row.Total).HasPrecision(12, 2);
        invoice.Property(static row => row.Lines).HasConversion(
            static lines => JsonSerializer.Serialize(lines, BillingJson.Default.ListInvoiceLine),
            static text => JsonSerializer.Deserialize(text, BillingJson.Default.ListInvoiceLine)!,
            new ValueComparer<List<InvoiceLine>>(static (one, other) => one!.SequenceEqual(other!), static lines => lines.Count, static lines => lines.ToList()));
        invoice.HasOne<User>().WithMany().HasForeignKey(static row => row.UserId).OnDelete(DeleteBehavior.Cascade);
        invoice.HasIndex(static row => row.Number).IsUnique();
        invoice.HasIndex(static row => new { row.UserId, row.CreatedAt });
        invoice.HasIndex(static row => row.ProviderInvoiceId).IsUnique();
    }
}

internal sealed class InvoiceSeriesConfiguration : IEntityTypeConfiguration<InvoiceSeries>
{
    public void Configure(EntityTypeBuilder<InvoiceSeries> series)
    {
        series.ToTable("invoice_series").HasKey(static row => row.Year);
        series.Property(static row => row.Year).ValueGeneratedNever();
    }
}

internal sealed class BillingEventConfiguration : IEntityTypeConfiguration<BillingEvent>
{
    public void Configure(EntityTypeBuilder<BillingEvent> billingEvent) => billingEvent.ToTable("billing_events").HasKey(static row => row.Id);
}
