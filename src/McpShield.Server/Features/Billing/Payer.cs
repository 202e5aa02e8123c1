using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Data.Organizations;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>Who pays for an organization: its owner.</summary>
internal sealed record Payer(Guid UserId, string Email, string Name, Guid OrganizationId, string OrganizationName)
{
    private const int MaxAttempts = 20;

    public static Task<Payer> OfOrganizationAsync(ShieldDb db, Guid organization, CancellationToken ct) =>
        All(db, db.Organizations.Where(one => one.Id == organization)).SingleAsync(ct);

    /// <summary><c>null</c>: the user is gone.</summary>
    public static Task<Payer?> OfUserAsync(ShieldDb db, Guid user, CancellationToken ct) => All(db, db.Organizations.Where(one => one.OwnerUserId == user)).SingleOrDefaultAsync(ct);

    /// <summary>
    /// One transaction in which nobody else changes what this payer has or owes: requests, workers and the provider's messages come one after the
    /// other. Whatever <paramref name="work"/> leaves unsaved is saved at its end.
    /// </summary>
    /// <remarks>Of two payers' invoices at once one may find its number taken; then all is done again with the next.</remarks>
    public static async Task<T> HoldAsync<T>(ShieldDb db, Guid user, Func<Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            db.ChangeTracker.Clear();
            try
            {
                await using var transaction = await db.Database.BeginTransactionAsync(ct);
                await db.Users.Where(one => one.Id == user).ExecuteUpdateAsync(static set => set.SetProperty(static one => one.UpdatedAt, static one => one.UpdatedAt), ct);
                var result = await work();
                await db.SaveChangesAsync(ct);
                await transaction.CommitAsync(ct);
                return result;
            }
            catch (DbUpdateException failure) when (attempt < MaxAttempts && failure.IsUniqueViolation())
            {
                // Again.
            }
        }
    }

    /// <summary>The subscription in force; whoever has none is on the free plan, by a row that the next <c>SaveChanges</c> adds.</summary>
    public static async Task<Subscription> CurrentAsync(ShieldDb db, Guid user, DateTimeOffset now, CancellationToken ct)
    {
        var found = await db.Subscriptions.Include(static one => one.Plan).SingleOrDefaultAsync(one => one.UserId == user && one.IsCurrent, ct);
        if (found is not null) return found;
        var made = Make(user, await db.Plans.SingleAsync(static plan => plan.Code == Plan.Free, ct), Periods.Month, Periods.Second(now));
        db.Subscriptions.Add(made);
        return made;
    }

    /// <summary>A subscription that begins, and is anchored, at <paramref name="start"/>.</summary>
    public static Subscription Make(Guid user, Plan plan, string interval, DateTimeOffset start) => new()
    {
        Id = Guid.CreateVersion7(start),
        UserId = user,
        Plan = plan,
        PlanId = plan.Id,
        Interval = interval,
        CurrentPeriodStart = start,
        CurrentPeriodEnd = Periods.End(start, start, interval),
        CreatedAt = start,
    };

    /// <summary>Puts <paramref name="next"/> in the place of <paramref name="current"/>, which becomes history.</summary>
    public static async Task ReplaceAsync(ShieldDb db, Payer payer, Subscription current, Subscription next, CancellationToken ct)
    {
        current.IsCurrent = false;
        current.Status = Subscription.Expired;
        (current.NextPlanId, current.NextInterval) = (null, null);
        next.ProviderCustomerId ??= current.ProviderCustomerId;
        if (current.CurrentPeriodEnd > next.CurrentPeriodStart) current.CurrentPeriodEnd = next.CurrentPeriodStart;
        await db.SaveChangesAsync(ct); // before the other: an index holds that one is current
        db.Subscriptions.Add(next);

        // What the old plan refused is for the new one to judge.
        await db.Organizations.Where(one => one.Id == payer.OrganizationId && one.EventsRefusedUntil != null)
            .ExecuteUpdateAsync(static set => set.SetProperty(static one => one.EventsRefusedUntil, static _ => (DateTimeOffset?)null), ct);
    }

    private static IQueryable<Payer> All(ShieldDb db, IQueryable<Organization> organizations) =>
        from organization in organizations
        join user in db.Users on organization.OwnerUserId equals user.Id
        select new Payer(user.Id, user.Email, user.FirstName + " " + user.LastName, organization.Id, organization.Name);
}
