using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Billing;

/// <summary>What Stripe tells. A message only says where to look: what is there now is asked for, so that late, doubled and reordered messages do no harm.</summary>
internal sealed partial class StripeEvents(ShieldDb db, StripeBilling stripe, TimeProvider clock, ILogger logger)
{
    private const int MaxLooks = 5;

    public async Task HandleAsync(Stripe.Event told, CancellationToken ct)
    {
        if (await db.BillingEvents.AnyAsync(one => one.Id == told.Id, ct)) return;
        var (subscriptionId, invoiceId, hint) = told.Data?.Object switch
        {
            Stripe.Checkout.Session session => (session.SubscriptionId, null, session.ClientReferenceId),
            Stripe.Subscription subscription => (subscription.Id, null, null),
            Stripe.Invoice invoice => (invoice.Parent?.SubscriptionDetails?.SubscriptionId, invoice.Id, null),
            _ => ((string?)null, (string?)null, (string?)null),
        };
        var theirs = subscriptionId is null ? null : await stripe.FetchAsync(subscriptionId, ct);
        var bill = invoiceId is null ? null : await stripe.FetchInvoiceAsync(invoiceId, ct);
        if (await PayerAsync(theirs, bill, hint, ct) is not { } payer)
        {
            if (theirs is not null || bill is not null) Log.Stranger(logger, told.Id, told.Type);
            await KeepAsync(told, ct);
            return;
        }

        string? replaced = null;
        var isFailure = told.Type == "invoice.payment_failed";
        for (var look = 0; look < MaxLooks; look++)
        {
            var seen = theirs;
            var isFirst = look == 0;
            var (isNew, before) = await Payer.HoldAsync(db, payer.UserId, () => ApplyAsync(told, payer, seen, isFirst ? bill : null, isFirst, isFailure, ct), ct);
            if (!isNew) return;
            replaced ??= before;

            // INVARIANT: whoever writes looks again afterwards. Of two messages at once the one that saw the older state then sees the newer.
            if (seen is null || (theirs = await stripe.FetchAsync(seen.Id, ct)) == seen) break;
        }

        if (replaced is not null) await stripe.EndAsync(replaced, ct); // THREAT: paid twice, after two checkouts in two windows
    }

    private async Task<(bool IsNew, string? Replaced)> ApplyAsync(Stripe.Event told, Payer payer, ProviderSubscription? theirs, Stripe.Invoice? bill, bool isFirst, bool isFailure, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (isFirst)
        {
            if (await db.BillingEvents.AnyAsync(one => one.Id == told.Id, ct)) return (false, null);
            db.BillingEvents.Add(new() { Id = told.Id, Type = told.Type, ReceivedAt = now });
        }

        var before = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        if (theirs is not null) await StripeSync.ApplyAsync(db, payer, stripe, theirs, now, isTold: false, ct);
        await db.SaveChangesAsync(ct);
        if (bill is not null) await StripeInvoices.ApplyAsync(db, payer, bill, now, ct);
        if (bill is not null && isFailure && bill.Status != Invoice.Paid) await StripeInvoices.TellFailedAsync(db, payer, bill, now, ct);
        var isReplaced = theirs is { IsLive: true } && !before.IsCurrent && before.ProviderSubscriptionId is { } old && old != theirs.Id;
        return (true, isReplaced ? before.ProviderSubscriptionId : null);
    }

    private async Task<Payer?> PayerAsync(ProviderSubscription? theirs, Stripe.Invoice? bill, string? hint, CancellationToken ct)
    {
        var customer = theirs?.CustomerId ?? bill?.CustomerId;
        var user = theirs?.UserId ?? (Guid.TryParseExact(hint, "D", out var named) ? named : null);
        if (user is null && customer is not null) user = await db.Subscriptions.Where(one => one.ProviderCustomerId == customer).OrderByDescending(static one => one.CreatedAt).Select(static one => (Guid?)one.UserId).FirstOrDefaultAsync(ct);
        return user is { } id ? await Payer.OfUserAsync(db, id, ct) : null;
    }

    private async Task KeepAsync(Stripe.Event told, CancellationToken ct)
    {
        try
        {
            db.BillingEvents.Add(new() { Id = told.Id, Type = told.Type, ReceivedAt = clock.GetUtcNow() });
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            // It came twice at once.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(472, LogLevel.Warning, "Stripe's message {Id} ({Type}) is about nobody here")]
        public static partial void Stranger(ILogger logger, string id, string type);
    }
}
