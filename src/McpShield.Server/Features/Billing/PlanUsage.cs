using System.Globalization;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

/// <summary>What an organization uses of what plans limit.</summary>
internal sealed record PlanUsage(long Events, int Projects, int Members, int AiGenerations)
{
    public static async Task<PlanUsage> ReadAsync(ShieldDb db, Payer payer, DateTimeOffset now, CancellationToken ct)
    {
        var month = Periods.MonthOf(now);
        var begin = Periods.StartOf(month);
        return new(
            await Overage.EventsAsync(db, payer.UserId, month, ct),
            await db.Projects.CountAsync(one => one.OrgId == payer.OrganizationId, ct),
            await db.Members.CountAsync(one => one.OrgId == payer.OrganizationId, ct),
            await db.AiGenerations.CountAsync(one => one.OrgId == payer.OrganizationId && one.CreatedAt >= begin, ct));
    }

    public PlanUsageResponse Against(PlanLimits limits) => new(Events, limits.MaxEvents, Projects, limits.MaxProjects, Members, limits.MaxMembers, AiGenerations, limits.MaxAiGenerations);

    /// <summary>What of <paramref name="from"/> no longer fits under <paramref name="to"/>, in words.</summary>
    public IEnumerable<string> NoLongerFits(Plan from, Plan to)
    {
        var (old, limits) = (from.Limits, to.Limits);
        if (limits.MaxProjects is { } projects && Projects > projects) yield return Text($"You have {Projects:N0} projects; {to.Name} has room for {projects:N0}. They stay, but no other can be made.");
        if (limits.MaxMembers is { } members && Members > members) yield return Text($"Your organization has {Members:N0} members; {to.Name} has room for {members:N0}.");
        if (limits.AuditRetentionDays is { } days && (old.AuditRetentionDays is null || old.AuditRetentionDays > days)) yield return Text($"Audits older than {days:N0} days will be erased.");
        if (limits.MaxEvents is { } events && Events > events) yield return Text($"You had {Events:N0} events this month; {to.Name} has {events:N0} a month.");
        if (limits.MaxAiGenerations is { } generations && AiGenerations > generations) yield return Text($"You had {AiGenerations:N0} AI generations this month; {to.Name} has {generations:N0} a month.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
