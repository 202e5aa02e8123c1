using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Features.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Billing;

/// <summary>What tests do to the books that no request can: let time pass for one payer, count events, look behind the API.</summary>
internal static class Books
{
    public static ShieldDb OpenDb(this IServiceProvider services) => services.GetRequiredService<ShieldDatabase>().Open();

    public static DateTimeOffset Now(this ShieldServer server) => server.Services.GetRequiredService<TimeProvider>().GetUtcNow();

    /// <summary>What the worker does for one payer at <paramref name="now"/>.</summary>
    public static async Task WorkAsync(this ShieldServer server, Person payer, DateTimeOffset now, CancellationToken ct)
    {
        await using var db = server.Services.OpenDb();
        await BillingPeriods.CatchUpAsync(db, payer.UserId, now, ct);
    }

    public static async Task CountAsync(this IServiceProvider services, Person payer, DateTimeOffset month, long events, CancellationToken ct)
    {
        await using var db = services.OpenDb();
        db.UsageMonthly.Add(new() { Id = Guid.CreateVersion7(month), UserId = payer.UserId, Year = month.UtcDateTime.Year, Month = month.UtcDateTime.Month, EventCount = events, CreatedAt = month, UpdatedAt = month });
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Moves the period of the subscription in force, with its anchor and its invoice, to where a test needs it.</summary>
    public static async Task MovePeriodAsync(this ShieldServer server, Person payer, DateTimeOffset start, DateTimeOffset end, CancellationToken ct)
    {
        await using var db = server.Services.OpenDb();
        var current = await db.Subscriptions.SingleAsync(one => one.UserId == payer.UserId && one.IsCurrent, ct);
        foreach (var invoice in await db.Invoices.Where(one => one.SubscriptionId == current.Id).ToListAsync(ct)) (invoice.PeriodStart, invoice.PeriodEnd, invoice.CreatedAt) = (start, end, start);
        (current.CreatedAt, current.CurrentPeriodStart, current.CurrentPeriodEnd) = (start, start, end);
        await db.SaveChangesAsync(ct);
    }

    public static async Task<List<Subscription>> SubscriptionsAsync(this IServiceProvider services, Person payer, CancellationToken ct)
    {
        await using var db = services.OpenDb();
        return await db.Subscriptions.AsNoTracking().Include(static one => one.Plan).Where(one => one.UserId == payer.UserId).OrderBy(static one => one.IsCurrent).ThenBy(static one => one.CreatedAt).ToListAsync(ct);
    }

    /// <summary>Waits until what was done to an organization is in its audit log, and tells who did it.</summary>
    public static async Task<string?> ActorOfAsync(this Person owner, string action, CancellationToken ct)
    {
        while (true)
        {
            if ((await owner.Api.Audits.ListAsync(new(Kind: "action"), ct)).Items.FirstOrDefault(entry => entry.Action == action) is { } entry) return entry.Actor;
            await Task.Delay(20, ct);
        }
    }
}
