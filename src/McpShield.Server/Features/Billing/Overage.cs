using System.Globalization;
using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Events beyond a plan's limit, where the plan bills them: each begun thousand of a calendar month.</summary>
internal static class Overage
{
    private const long Thousand = 1_000;

    public static long Beyond(PlanLimits limits, long events) =>
        limits is { PastLimit: PastLimit.Bill, MaxEvents: { } most } && events > most ? events - most : 0;

    public static long Thousands(PlanLimits limits, long events) => (Beyond(limits, events) + Thousand - 1) / Thousand;

    /// <summary>What an invoice says of a month. INVARIANT: the same for every plan; what was billed of a month is found by it.</summary>
    public static string Describe(DateOnly month) => string.Create(CultureInfo.InvariantCulture, $"Events of {month:MMMM yyyy} beyond the plan's limit, by the thousand");

    /// <summary>The lines for <paramref name="months"/>, less what earlier invoices had of them.</summary>
    public static async Task<List<InvoiceLine>> LinesAsync(ShieldDb db, Guid user, PlanLimits limits, IReadOnlyList<DateOnly> months, CancellationToken ct)
    {
        var lines = new List<InvoiceLine>();
        if (limits is not { PastLimit: PastLimit.Bill, MaxEvents: not null, PricePerThousandEvents: { } price } || months.Count == 0) return lines;
        var begin = Periods.StartOf(months.Min());
        var billed = await db.Invoices.AsNoTracking().Where(invoice => invoice.UserId == user && invoice.CreatedAt >= begin && invoice.Status != Invoice.Void).Select(static invoice => invoice.Lines).ToListAsync(ct);
        foreach (var month in months)
        {
            var text = Describe(month);
            var before = billed.SelectMany(static all => all).Where(line => line.Description == text).Sum(static line => line.Quantity);
            var thousands = Thousands(limits, await EventsAsync(db, user, month, ct)) - before;
            if (thousands > 0) lines.Add(new(text, thousands, price, Money.Cents(thousands * price)));
        }

        return lines;
    }

    /// <summary>The months that are billed when a period ends, or is ended, at <paramref name="end"/>.</summary>
    /// <remarks>THREAT: a month's events used in its first days and the plan left before its end. Where the next plan does not bill, the running month is billed too.</remarks>
    public static List<DateOnly> MonthsDue(DateTimeOffset start, DateTimeOffset end, PlanLimits next)
    {
        var months = Periods.MonthsEndedIn(start, end).ToList();
        var running = Periods.MonthOf(end);
        if (next.PastLimit != PastLimit.Bill && Periods.StartOf(running) < end) months.Add(running);
        return months;
    }

    public static Task<long> EventsAsync(ShieldDb db, Guid user, DateOnly month, CancellationToken ct) =>
        db.UsageMonthly.Where(usage => usage.UserId == user && usage.Year == month.Year && usage.Month == month.Month).Select(static usage => usage.EventCount).SingleOrDefaultAsync(ct);
}
