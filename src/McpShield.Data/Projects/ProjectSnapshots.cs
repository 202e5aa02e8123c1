using McpShield.Data.Accounts;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Projects;

/// <summary>What a gateway decides by: a project with the keys that open it.</summary>
/// <param name="Project">The project, with the keys that may be used and its connections; no keys: nobody may come in.</param>
/// <param name="EventsRefusedUntil">Until then its calls are refused because the plan's events are used up; <c>null</c>: they are not.</param>
public sealed record ProjectSnapshot(Project Project, DateTimeOffset? EventsRefusedUntil);

/// <summary>What has changed since the last question.</summary>
/// <param name="Projects">Projects that are new or changed.</param>
/// <param name="Gone">Projects that are no more.</param>
public sealed record ProjectChanges(IReadOnlyList<ProjectSnapshot> Projects, IReadOnlyList<Guid> Gone);

/// <summary>Follows the changes of projects, keys and connections, in this process and in all others. Not for concurrent use.</summary>
public sealed class ProjectSnapshots(ShieldDatabase database)
{
    private long seen;

    /// <summary>What changed since the last answer, the first time everything; <c>null</c> when nothing did.</summary>
    public async Task<ProjectChanges?> ReadIfChangedAsync(CancellationToken ct)
    {
        await using var db = database.Open();
        var counted = await db.ChangeCounters.Select(static counter => counter.Value).SingleAsync(ct);
        if (counted == seen) return null;

        // All of what was counted is visible by now; what is counted later may be read twice, which does no harm.
        var changed = await db.ProjectChanges.AsNoTracking().Where(change => change.Value > seen).Select(static change => change.ProjectId).ToListAsync(ct);
        var projects = await db.Projects.AsNoTracking().Where(project => changed.Contains(project.Id))
            .Include(static project => project.Keys.Where(static key => key.RevokedAt == null))
            .Include(static project => project.Connections)
            .OrderBy(static project => project.Id)
            .AsSplitQuery()
            .ToListAsync(ct);
        var owners = await db.Organizations.AsNoTracking()
            .Where(organization => db.Projects.Any(project => project.OrgId == organization.Id && changed.Contains(project.Id)))
            .Select(organization => new { organization.Id, organization.EventsRefusedUntil, IsOpen = db.Profiles.Any(profile => profile.UserId == organization.OwnerUserId && profile.Status == Profile.Active) })
            .ToDictionaryAsync(static organization => organization.Id, ct);

        var snapshots = new List<ProjectSnapshot>(projects.Count);
        foreach (var project in projects)
        {
            // THREAT: an owner who was suspended keeps agents running with the keys at hand. Without an owner in good standing no key opens.
            var isOpen = owners.TryGetValue(project.OrgId, out var owner) && owner.IsOpen;
            if (!isOpen) project.Keys.Clear();
            snapshots.Add(new(project, owner?.EventsRefusedUntil));
        }

        seen = counted;
        return new(snapshots, [.. changed.Except(projects.Select(static project => project.Id))]);
    }
}
