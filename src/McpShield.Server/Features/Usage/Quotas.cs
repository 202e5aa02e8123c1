using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Data.Usage;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Usage;

/// <summary>Holds the month's counts against the plans: who is refused, and who is told. For one caller at a time.</summary>
internal sealed class Quotas(ShieldDatabase database, TimeProvider clock)
{
    private const double WarnFrom = 0.8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan EverybodyEvery = TimeSpan.FromMinutes(1);

    // Clocks of processes differ, and a commit is seen later than its time.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private DateTimeOffset lookedAt = DateTimeOffset.MinValue;
    private DateTimeOffset lookedAtEverybody = DateTimeOffset.MinValue;

    private sealed record Standing(Guid OrganizationId, Guid OwnerId, DateTimeOffset? RefusedUntil, UsageMonthly? Month, Plan? Plan);

    /// <summary>Looks at what has changed, and now and then at everybody: a plan may have changed too.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now - lookedAt < Pause && now >= lookedAt) return;
        var isAboutEverybody = now - lookedAtEverybody >= EverybodyEvery;
        var since = isAboutEverybody ? DateTimeOffset.UnixEpoch : lookedAt - Overlap;

        await using var db = database.Open();
        if (await db.Plans.AsNoTracking().SingleOrDefaultAsync(static plan => plan.Code == Plan.Free, ct) is not { } free) return; // the first start is not that far
        foreach (var standing in await ReadAsync(db, now, since, ct)) await JudgeAsync(db, standing, standing.Plan ?? free, now, ct);
        lookedAt = now;
        if (isAboutEverybody) lookedAtEverybody = now;
    }

    private static async Task<List<Standing>> ReadAsync(ShieldDb db, DateTimeOffset now, DateTimeOffset since, CancellationToken ct)
    {
        var (year, month) = (now.UtcDateTime.Year, now.UtcDateTime.Month);
        var months = db.UsageMonthly.Where(usage => usage.Year == year && usage.Month == month);
        return await db.Organizations.AsNoTracking()
            .Where(organization => organization.EventsRefusedUntil != null || months.Any(usage => usage.UserId == organization.OwnerUserId && usage.UpdatedAt >= since))
            .Select(organization => new Standing(
                organization.Id,
                organization.OwnerUserId,
                organization.EventsRefusedUntil,
                months.SingleOrDefault(usage => usage.UserId == organization.OwnerUserId),
                db.Subscriptions.Where(subscription => subscription.IsCurrent && subscription.UserId == organization.OwnerUserId).Select(static subscription => subscription.Plan).SingleOrDefault()))
            .ToListAsync(ct);
    }

    private static async Task JudgeAsync(ShieldDb db, Standing standing, Plan plan, DateTimeOffset now, CancellationToken ct)
    {
        var count = standing.Month?.EventCount ?? 0;
        DateTimeOffset? refusedUntil = plan.Limits is { PastLimit: PastLimit.Refuse, MaxEvents: { } included } && count >= included ? Months.After(now) : null;
        if (refusedUntil != standing.RefusedUntil)
        {
            await db.Organizations.Where(one => one.Id == standing.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(static one => one.EventsRefusedUntil, refusedUntil), ct);
        }

        if (standing.Month is not { } month || plan.Limits.MaxEvents is not { } limit) return;
        if (count >= limit && month.ExceededAt is null) await TellAsync(db, standing, plan, limit, isExceeded: true, now, ct);
        else if (count >= limit * WarnFrom && month.WarnedAt is null) await TellAsync(db, standing, plan, limit, isExceeded: false, now, ct);
    }

    // The mark and the mail are one transaction, and only who sets the mark writes the mail: once a month, whoever looks.
    private static async Task TellAsync(ShieldDb db, Standing standing, Plan plan, long limit, bool isExceeded, DateTimeOffset now, CancellationToken ct)
    {
        var month = standing.Month!;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        DateTimeOffset? at = now;
        var marked = isExceeded
            ? await db.UsageMonthly.Where(one => one.Id == month.Id && one.ExceededAt == null).ExecuteUpdateAsync(set => set.SetProperty(static one => one.ExceededAt, at).SetProperty(static one => one.WarnedAt, one => one.WarnedAt ?? at), ct)
            : await db.UsageMonthly.Where(one => one.Id == month.Id && one.WarnedAt == null).ExecuteUpdateAsync(set => set.SetProperty(static one => one.WarnedAt, at), ct);
        var isWanted = await db.UserSettings.Where(settings => settings.UserId == standing.OwnerId).Select(static settings => (bool?)settings.NotifyUsage).SingleOrDefaultAsync(ct) ?? true;
        if (marked == 1 && isWanted && await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == standing.OwnerId, ct) is { } owner)
        {
            UsageMail.Add(db, owner, plan, month.EventCount, limit, isExceeded, now);
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
        }

        await transaction.CommitAsync(ct);
    }
}
