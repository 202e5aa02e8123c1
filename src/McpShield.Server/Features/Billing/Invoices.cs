using System.Globalization;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Makes invoices and marks them paid.</summary>
public static class Invoices
{
    // INVARIANT: these two lines are the account: what is kept and not yet used is credit. Their words never change.
    private const string CreditKept = "Credit kept for later invoices";
    private const string CreditUsed = "Credit from earlier invoices";

    /// <summary>Marks an open invoice paid, for an operator who takes payments by hand. Adds to what the next <c>SaveChanges</c> writes.</summary>
    /// <returns>The invoice; <c>null</c>: there is none of that number.</returns>
    public static async Task<Invoice?> MarkPaidAsync(ShieldDb db, string number, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Invoices.SingleOrDefaultAsync(one => one.Number == number, ct) is not { } invoice) return null;
        if (invoice.Status != Invoice.Open) return invoice;
        invoice.Status = Invoice.Paid;
        invoice.PaidAt = now;
        if (await Payer.OfUserAsync(db, invoice.UserId, ct) is { } payer) db.RecordSystem(payer, "invoice.paid", ActionTarget.Of("invoice", invoice.Id), now, after: Facts(invoice), actor: "operator");
        return invoice;
    }

    /// <summary>Adds an invoice to what the next <c>SaveChanges</c> writes, which fails when another took its number; <c>null</c>: there is nothing to say.</summary>
    internal static async Task<Invoice?> AddAsync(ShieldDb db, Payer payer, Caller? caller, Guid subscription, DateTimeOffset start, DateTimeOffset end, List<InvoiceLine> lines, DateTimeOffset now, CancellationToken ct)
    {
        if (lines.Count == 0) return null;
        var total = lines.Sum(static line => line.Amount);
        var invoice = new Invoice
        {
            Id = Guid.CreateVersion7(now),
            UserId = payer.UserId,
            SubscriptionId = subscription,
            Number = await NextNumberAsync(db, now, ct),
            PeriodStart = start,
            PeriodEnd = end,
            Lines = lines,
            Total = total,
            Status = total == 0 ? Invoice.Paid : Invoice.Open,
            PaidAt = total == 0 ? now : null,
            CreatedAt = now,
        };
        db.Invoices.Add(invoice);
        Tell(db, payer, caller, invoice, now);
        await BillingMail.AddAsync(db, payer, "invoice", $"Invoice {invoice.Number}", string.Create(CultureInfo.InvariantCulture, $"Invoice {invoice.Number} over {total:0.00} {invoice.Currency} is ready. You find it under Billing."), now, ct);
        return invoice;
    }

    /// <summary>Records that <paramref name="invoice"/> was made.</summary>
    internal static void Tell(ShieldDb db, Payer payer, Caller? caller, Invoice invoice, DateTimeOffset now) =>
        db.RecordFor(payer, caller, "invoice.created", ActionTarget.Of("invoice", invoice.Id), now, after: Facts(invoice));

    /// <summary>The number after the last of this year. Taken when the row is; without gaps, because a transaction that fails takes its number back.</summary>
    internal static async Task<string> NextNumberAsync(ShieldDb db, DateTimeOffset now, CancellationToken ct)
    {
        var year = now.UtcDateTime.Year;
        if (await db.InvoiceSeries.FindAsync([year], ct) is not { } series) db.InvoiceSeries.Add(series = new() { Year = year });
        return string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{++series.Last:000000}");
    }

    /// <summary>US dollars that later invoices will be less.</summary>
    internal static async Task<decimal> CreditAsync(ShieldDb db, Guid user, CancellationToken ct)
    {
        var invoices = await db.Invoices.AsNoTracking().Where(one => one.UserId == user && one.Status != Invoice.Void).Select(static one => one.Lines).ToListAsync(ct);
        return invoices.SelectMany(static lines => lines).Where(static line => line.Description is CreditKept or CreditUsed).Sum(static line => line.Amount);
    }

    /// <summary>The lines, with earlier credit used, or with what is too much kept: nobody is billed less than nothing.</summary>
    internal static async Task<List<InvoiceLine>> WithCreditAsync(ShieldDb db, Guid user, List<InvoiceLine> lines, CancellationToken ct)
    {
        var total = lines.Sum(static line => line.Amount);
        if (total < 0) return [.. lines, new(CreditKept, 1, -total, -total)];
        var used = Math.Min(total, await CreditAsync(db, user, ct));
        return used > 0 ? [.. lines, new(CreditUsed, 1, -used, -used)] : lines;
    }

    internal static InvoiceResponse ToResponse(Invoice invoice) => new(
        invoice.Id, invoice.Number, invoice.Status, invoice.Currency, invoice.Total, invoice.PeriodStart, invoice.PeriodEnd, ToResponse(invoice.Lines), invoice.CreatedAt, invoice.PaidAt);

    internal static List<InvoiceLineResponse> ToResponse(IEnumerable<InvoiceLine> lines) =>
        [.. lines.Select(static line => new InvoiceLineResponse(line.Description, line.Quantity, line.UnitPrice, line.Amount))];

    private static JsonObject Facts(Invoice invoice) => new() { ["number"] = invoice.Number, ["total"] = invoice.Total, ["currency"] = invoice.Currency, ["status"] = invoice.Status };
}
