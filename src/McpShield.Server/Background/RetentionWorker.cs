using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Data.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Background;

/// <summary>Keeps audits and reported events as long as the plan says, and no longer. Counts stay.</summary>
internal sealed class RetentionWorker(ShieldDatabase database, AuditReader reader, TimeProvider clock, ILogger<RetentionWorker> logger)
    : LeasedWorker(new("retention", TimeSpan.FromHours(1)), database, clock, logger)
{
    private const int ProjectsAtOnce = 200;
    private const int EraseBatch = 500;
    private const int DeleteBatch = 1_000;

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        await using var db = Database.Open();
        var free = await db.Plans.AsNoTracking().SingleOrDefaultAsync(static plan => plan.Code == Plan.Free, ct);
        var after = Guid.Empty;
        while (true)
        {
            var projects = await db.Projects.AsNoTracking()
                .Join(db.Organizations, static project => project.OrgId, static organization => organization.Id, static (project, organization) => new { project.Id, organization.OwnerUserId })
                .Where(project => project.Id.CompareTo(after) > 0).OrderBy(static project => project.Id).Take(ProjectsAtOnce)
                .Select(project => new
                {
                    project.Id,
                    Plan = db.Subscriptions.Where(subscription => subscription.IsCurrent && subscription.UserId == project.OwnerUserId).Select(static subscription => subscription.Plan).SingleOrDefault(),
                })
                .ToListAsync(ct);
            if (projects.Count == 0) return false;
            foreach (var project in projects)
            {
                if ((project.Plan ?? free)?.Limits.AuditRetentionDays is { } days) await ForgetAsync(db, project.Id, Clock.GetUtcNow().AddDays(-days), ct);
            }

            after = projects[^1].Id;
        }
    }

    private async Task ForgetAsync(ShieldDb db, Guid project, DateTimeOffset cutoff, CancellationToken ct)
    {
        await reader.EraseBeforeAsync(project, cutoff, EraseBatch, ct);

        // What the audit log has not heard of yet stays until it has.
        while (await db.UsageEvents.Where(one => db.UsageEvents.Where(old => old.ProjectId == project && old.Timestamp < cutoff && old.AuditedAt != null).OrderBy(static old => old.Timestamp).Take(DeleteBatch).Select(static old => old.Id).Contains(one.Id)).ExecuteDeleteAsync(ct) == DeleteBatch)
        {
            // Until none are left; each batch is its own transaction.
        }
    }
}
