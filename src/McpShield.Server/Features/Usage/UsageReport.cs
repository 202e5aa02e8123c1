using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Features.Billing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Usage;

/// <summary>Whose days are asked for.</summary>
/// <param name="OrganizationId">The organization.</param>
/// <param name="ProjectId">One project of it; <c>null</c>: all.</param>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
internal sealed record UsageSpan(Guid OrganizationId, Guid? ProjectId, DateOnly From, DateOnly To);

/// <summary>Sums of daily counts.</summary>
internal sealed class UsageReport
{
    private const int MostTools = 20;

    private sealed record DayRow(DateOnly Day, string Decision, string Source, bool IsInfrastructure, long Count);

    private readonly IReadOnlyList<DayRow> days;

    private UsageReport(IReadOnlyList<DayRow> days) => this.days = days;

    public long Total => days.Sum(static row => row.Count);

    public long Infrastructure => days.Where(static row => row.IsInfrastructure).Sum(static row => row.Count);

    public UsageDecisions Decisions => new(Of(days, "allow"), Of(days, "deny"), Of(days, "approve"), Of(days, ""));

    public UsageSources Sources => new(days.Where(static row => row.Source == "enforced").Sum(static row => row.Count), days.Where(static row => row.Source == "reported").Sum(static row => row.Count));

    public IReadOnlyList<UsageOfProject> Projects { get; private init; } = [];

    public IReadOnlyList<UsageOfTool> Tools { get; private init; } = [];

    public static async Task<UsageReport> ReadAsync(ShieldDb db, UsageSpan span, CancellationToken ct)
    {
        var rows = db.UsageDaily.AsNoTracking().Where(row => row.OrgId == span.OrganizationId && row.Day >= span.From && row.Day <= span.To && (span.ProjectId == null || row.ProjectId == span.ProjectId));
        var days = await rows.GroupBy(static row => new { row.Day, row.Decision, row.Source, row.IsInfrastructure })
            .Select(static group => new DayRow(group.Key.Day, group.Key.Decision, group.Key.Source, group.Key.IsInfrastructure, group.Sum(static row => row.EventCount)))
            .ToListAsync(ct);
        var projects = await rows.GroupBy(static row => row.ProjectId).Select(static group => new { Id = group.Key, Count = group.Sum(static row => row.EventCount) }).ToListAsync(ct);
        var names = await db.Projects.AsNoTracking().Where(project => project.OrgId == span.OrganizationId).ToDictionaryAsync(static project => project.Id, static project => project.Name, ct);
        var tools = await rows.GroupBy(static row => row.ToolName)
            .Select(static group => new { Name = group.Key, Count = group.Sum(static row => row.EventCount), Denied = group.Sum(static row => row.Decision == "deny" ? row.EventCount : 0) })
            .OrderByDescending(static tool => tool.Count).ThenBy(static tool => tool.Name).Take(MostTools).ToListAsync(ct);
        return new(days)
        {
            Projects = [.. projects.OrderByDescending(static one => one.Count).ThenBy(static one => one.Id).Select(one => new UsageOfProject(one.Id, names.GetValueOrDefault(one.Id), one.Count))],
            Tools = [.. tools.Select(static one => new UsageOfTool(one.Name, one.Count, one.Denied))],
        };
    }

    /// <summary>The days put together, those without events among them.</summary>
    public IReadOnlyList<UsageBucket> Series(UsageSpan span, string by)
    {
        var known = days.GroupBy(row => Begin(row.Day, span.From, by)).ToDictionary(static group => group.Key, static group => group.ToList());
        var series = new List<UsageBucket>();
        for (var day = span.From; day <= span.To; day = day.AddDays(1))
        {
            if (Begin(day, span.From, by) != day) continue;
            var rows = known.GetValueOrDefault(day) ?? [];
            series.Add(new(day, rows.Sum(static row => row.Count), Of(rows, "allow"), Of(rows, "deny"), Of(rows, "approve"), Of(rows, ""), rows.Where(static row => row.IsInfrastructure).Sum(static row => row.Count)));
        }

        return series;
    }

    /// <summary>Where the month of <paramref name="moment"/> stands.</summary>
    public static async Task<(UsageMonth Month, Plan Plan)> MonthAsync(ShieldDb db, Guid organization, DateTimeOffset moment, DateTimeOffset now, CancellationToken ct)
    {
        var plan = await PlanOf.OrganizationAsync(db, organization, ct);
        var (year, month) = (moment.UtcDateTime.Year, moment.UtcDateTime.Month);
        var count = await db.UsageMonthly.AsNoTracking()
            .Where(usage => usage.Year == year && usage.Month == month && db.Organizations.Any(one => one.Id == organization && one.OwnerUserId == usage.UserId))
            .Select(static usage => usage.EventCount).SingleOrDefaultAsync(ct);
        var limit = plan.Limits.MaxEvents;
        return (new(Months.Name(moment), count, limit, Months.Percent(count, limit), Months.After(moment), plan.Code, plan.Limits.PastLimit.ToString().ToLowerInvariant(), ReachedOn(count, limit, now, Months.Of(moment))), plan);
    }

    /// <summary>The assistant's generations, and their tokens.</summary>
    public static async Task<UsageOfAi> AiAsync(ShieldDb db, UsageSpan span, Plan plan, CancellationToken ct)
    {
        var from = new DateTimeOffset(span.From, TimeOnly.MinValue, TimeSpan.Zero);
        var until = new DateTimeOffset(span.To.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        var sums = await db.AiGenerations.AsNoTracking()
            .Where(one => one.OrgId == span.OrganizationId && one.CreatedAt >= from && one.CreatedAt < until && (span.ProjectId == null || one.ProjectId == span.ProjectId))
            .GroupBy(static one => one.OrgId)
            .Select(static group => new { Count = group.Count(), Prompt = group.Sum(static one => (long)one.PromptTokens), Completion = group.Sum(static one => (long)one.CompletionTokens) })
            .SingleOrDefaultAsync(ct);
        return new(sums?.Count ?? 0, sums?.Prompt ?? 0, sums?.Completion ?? 0, plan.Limits.MaxAiGenerations);
    }

    // At the pace of the month so far; a month that is over says nothing of the future.
    private static DateOnly? ReachedOn(long count, long? limit, DateTimeOffset now, DateTimeOffset month)
    {
        if (limit is not { } most || count == 0 || Months.Of(now) != month) return null;
        if (count >= most) return DateOnly.FromDateTime(now.UtcDateTime);
        var elapsed = (now - month).TotalSeconds;
        var needed = elapsed / count * most;
        return needed < (Months.After(month) - month).TotalSeconds ? DateOnly.FromDateTime(month.AddSeconds(needed).UtcDateTime) : null;
    }

    private static long Of(IEnumerable<DayRow> rows, string decision) => rows.Where(row => row.Decision == decision).Sum(static row => row.Count);

    // The first of a week or month that lies in the days asked for.
    private static DateOnly Begin(DateOnly day, DateOnly from, string by)
    {
        var begin = by switch
        {
            "week" => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
            "month" => new(day.Year, day.Month, 1),
            _ => day,
        };
        return begin < from ? from : begin;
    }
}
