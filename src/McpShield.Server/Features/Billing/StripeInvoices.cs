using System.Globalization;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Keeps an invoice of Stripe's as one of ours, under a number of ours: the history shows all, whoever took the payment.</summary>
internal static class StripeInvoices
{
    /// <summary>Inside <see cref="Payer.HoldAsync"/>.</summary>
    public static async Task ApplyAsync(ShieldDb db, Payer payer, Stripe.Invoice theirs, DateTimeOffset now, CancellationToken ct)
    {
        var status = theirs.Status switch { "paid" => Invoice.Paid, "void" => Invoice.Void, _ => Invoice.Open };
        var kept = await db.Invoices.SingleOrDefaultAsync(one => one.ProviderInvoiceId == theirs.Id, ct);
        if (kept is null)
        {
            var current = await Payer.CurrentAsync(db, payer.UserId, now, ct);
            kept = new()
            {
                Id = Guid.CreateVersion7(now),
                UserId = payer.UserId,
                SubscriptionId = current.Id,
                Number = await Invoices.NextNumberAsync(db, now, ct),
                ProviderInvoiceId = theirs.Id,
                PeriodStart = Utc(theirs.Lines?.Data?.FirstOrDefault()?.Period?.Start ?? theirs.PeriodStart),
                PeriodEnd = Utc(theirs.Lines?.Data?.FirstOrDefault()?.Period?.End ?? theirs.PeriodEnd),
                Currency = (theirs.Currency ?? "usd").ToUpperInvariant(),
                Lines = [.. (theirs.Lines?.Data ?? []).Select(ToLine)],
                Total = Dollars(theirs.Total),
                CreatedAt = now,
            };
            db.Invoices.Add(kept);
            Invoices.Tell(db, payer, caller: null, kept, now);
        }

        // INVARIANT: what is paid stays paid.
        if (status != kept.Status && kept.Status != Invoice.Paid)
        {
            (kept.Status, kept.PaidAt) = (status, status == Invoice.Paid ? now : null);
            db.RecordSystem(payer, $"invoice.{status}", ActionTarget.Of("invoice", kept.Id), now);
        }
    }

    /// <summary>Tells the owner that a payment failed.</summary>
    public static async Task TellFailedAsync(ShieldDb db, Payer payer, Stripe.Invoice theirs, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Invoices.Where(one => one.ProviderInvoiceId == theirs.Id).Select(static one => one.Id).SingleOrDefaultAsync(ct) is var id && id == Guid.Empty) id = db.Invoices.Local.First(one => one.ProviderInvoiceId == theirs.Id).Id;
        db.RecordSystem(payer, "invoice.payment-failed", ActionTarget.Of("invoice", id), now);
        await BillingMail.AddAsync(db, payer, "payment_failed", "A payment failed", string.Create(CultureInfo.InvariantCulture, $"The payment of {Dollars(theirs.AmountDue):0.00} USD for {payer.OrganizationName} failed. Under Billing you can check the payment data; the plan stays while the payment is tried again."), now, ct);
    }

    private static InvoiceLine ToLine(Stripe.InvoiceLineItem line)
    {
        var quantity = line.Quantity ?? 1;
        var amount = Dollars(line.Amount);
        return new(line.Description ?? "", quantity, quantity == 0 ? amount : decimal.Round(amount / quantity, 4, MidpointRounding.AwayFromZero), amount);
    }

    private static decimal Dollars(long cents) => cents / 100m;

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
