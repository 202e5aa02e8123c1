using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>What asking for a plan comes to.</summary>
internal enum ChangeKind
{
    /// <summary>Refused: the operator agrees on it with the customer. Zero: what nobody thought of changes nothing.</summary>
    ByAgreement,

    /// <summary>Refused: it is the plan in force, and nothing is pending.</summary>
    SamePlan,

    /// <summary>A pending downgrade or cancellation is taken back.</summary>
    Resume,

    /// <summary>It begins now, pro rata.</summary>
    AtOnce,

    /// <summary>It begins when the period that is paid ends.</summary>
    AtPeriodEnd,
}

/// <summary>A change of plan, thought through: the same for the preview and for the change itself.</summary>
/// <param name="Kind">What it comes to.</param>
/// <param name="Current">The subscription in force.</param>
/// <param name="Plan">The plan that is asked for.</param>
/// <param name="Interval">The interval that is asked for.</param>
/// <param name="EffectiveAt">When it begins.</param>
/// <param name="NextAt">When it is renewed for the first time.</param>
/// <param name="Lines">What is to be paid for it now.</param>
/// <param name="Warnings">What will no longer fit.</param>
internal sealed record PlanChange(ChangeKind Kind, Subscription Current, Plan Plan, string Interval, DateTimeOffset EffectiveAt, DateTimeOffset NextAt, List<InvoiceLine> Lines, List<string> Warnings)
{
    public decimal DueNow => Lines.Sum(static line => line.Amount);

    /// <summary>Which kind it is, of the facts alone.</summary>
    public static ChangeKind KindOf(Subscription current, Plan plan, string interval)
    {
        if (PlanTexts.PriceOf(plan, interval) is null && plan.Id != current.PlanId) return ChangeKind.ByAgreement;
        if (plan.Id == current.PlanId)
        {
            var isSameInterval = interval == current.Interval || PlanTexts.PriceOf(plan, interval) is null or 0;
            if (isSameInterval) return current.Status == Subscription.Canceled || current.NextPlanId is not null ? ChangeKind.Resume : ChangeKind.SamePlan;
            return interval == Periods.Year ? ChangeKind.AtOnce : ChangeKind.AtPeriodEnd;
        }

        var isUpgrade = plan.Rank != current.Plan!.Rank ? plan.Rank > current.Plan.Rank : plan.PriceMonthly >= current.Plan.PriceMonthly;
        return isUpgrade ? ChangeKind.AtOnce : ChangeKind.AtPeriodEnd;
    }

    /// <summary>Thinks it through. Reads only.</summary>
    public static async Task<PlanChange> MakeAsync(ShieldDb db, Payer payer, Plan plan, string interval, DateTimeOffset now, CancellationToken ct)
    {
        var current = await Payer.CurrentAsync(db, payer.UserId, now, ct);
        if (PlanTexts.PriceOf(plan, interval) == 0) interval = Periods.Month;
        var kind = KindOf(current, plan, interval);
        var warnings = kind is ChangeKind.AtOnce or ChangeKind.AtPeriodEnd ? (await PlanUsage.ReadAsync(db, payer, now, ct)).NoLongerFits(current.Plan!, plan).ToList() : [];
        if (kind != ChangeKind.AtOnce)
        {
            var effective = kind == ChangeKind.AtPeriodEnd ? current.CurrentPeriodEnd : now;
            return new(kind, current, plan, interval, effective, current.CurrentPeriodEnd, [], warnings);
        }

        var end = Periods.End(now, now, interval);
        var lines = new List<InvoiceLine>();
        if (Charge(plan, interval, now, end) is { } charge) lines.Add(charge);
        var unused = Money.Unused(await BilledAsync(db, current, ct), current.CurrentPeriodStart, current.CurrentPeriodEnd, now);
        if (unused > 0) lines.Add(new($"Unused rest of the {current.Plan!.Name} plan, until {current.CurrentPeriodEnd.UtcDateTime:yyyy-MM-dd}", 1, -unused, -unused));
        lines.AddRange(await Overage.LinesAsync(db, payer.UserId, current.Plan!.Limits, Overage.MonthsDue(current.CurrentPeriodStart, now, plan.Limits), ct));
        return new(kind, current, plan, interval, now, end, await Invoices.WithCreditAsync(db, payer.UserId, lines, ct), warnings);
    }

    /// <summary>The line of a period; <c>null</c>: it costs nothing.</summary>
    public static InvoiceLine? Charge(Plan plan, string interval, DateTimeOffset start, DateTimeOffset end) => PlanTexts.PriceOf(plan, interval) is { } price and > 0
        ? new($"{plan.Name} plan for a {interval}, {start.UtcDateTime:yyyy-MM-dd} to {end.UtcDateTime:yyyy-MM-dd}", 1, price, price)
        : null;

    public PlanChangeResponse ToResponse(bool isCheckout) => new(
        Plan.Code, Interval, isCheckout ? "checkout" : Kind switch { ChangeKind.AtOnce => "at_once", ChangeKind.AtPeriodEnd => "at_period_end", ChangeKind.Resume => "resume", _ => "none" },
        EffectiveAt, DueNow, Invoices.ToResponse(Lines), PlanTexts.PriceOf(Plan, Interval), NextAt, PlanTexts.Currency, Warnings);

    // INVARIANT: never more comes back than was billed. Whoever was given a plan by the operator was billed nothing. A period's charge is the first line of its invoice.
    private static async Task<decimal> BilledAsync(ShieldDb db, Subscription current, CancellationToken ct)
    {
        if (current.Provider != ManualBilling.ProviderName) return PlanTexts.PriceOf(current.Plan!, current.Interval) ?? 0;
        var lines = await db.Invoices.AsNoTracking().Where(one => one.SubscriptionId == current.Id && one.PeriodStart == current.CurrentPeriodStart && one.Status != Invoice.Void)
            .OrderBy(static one => one.Id).Select(static one => one.Lines).FirstOrDefaultAsync(ct);
        return lines is [{ Amount: > 0 } first, ..] ? first.Amount : 0;
    }
}
