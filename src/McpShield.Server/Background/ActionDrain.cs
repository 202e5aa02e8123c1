using System.Text;
using McpShield.Audit;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Data.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Background;

/// <summary>Brings what people did into the audit log, in the order in which they did it.</summary>
/// <remarks>
/// Rows are found by being there and not by a position, so a transaction that took a lower number and committed later is not missed. It may then stand
/// after one with a higher number; but such two ran side by side, and have no order. Where one followed from the other, it began after the other's
/// commit, has the higher number, and was never visible alone.
/// A row goes when the log holds its record: after a crash in between it is committed once more, which the log takes as said already.
/// </remarks>
internal sealed class ActionDrain(ShieldDatabase database, AuditLog audit, AuditReader reader, TimeProvider clock, ILogger<ActionDrain> logger)
    : LeasedWorker(new("actions", TimeSpan.FromMilliseconds(500), IsDrainedAtStop: true), database, clock, logger)
{
    private const int MostAtOnce = 500;
    private const int EraseBatch = 500;

    // Gateways hear of a deletion within a second; calls that began before end in a while, and their records must go too.
    private static readonly TimeSpan EchoTime = TimeSpan.FromSeconds(10);

    // Deletions whose echo is waited for, committed and erased once already.
    private readonly HashSet<long> echoing = [];

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        await using var db = Database.Open();
        var entries = await db.ActionOutbox.AsNoTracking().Where(entry => !echoing.Contains(entry.Sequence)).OrderBy(static entry => entry.Sequence).Take(MostAtOnce).ToListAsync(ct);
        var echoes = echoing.Count == 0 ? [] : await db.ActionOutbox.AsNoTracking().Where(entry => echoing.Contains(entry.Sequence)).ToListAsync(ct);

        // They wait side by side for as few commits as there can be; the log keeps the order in which it was given them.
        await Task.WhenAll(entries.Select(entry => audit.CommitAsync(RecordOf(entry), ct).AsTask()));
        var done = new List<long>(entries.Count);
        foreach (var entry in entries.Concat(echoes))
        {
            var isErasing = await EraseAsync(db, entry, ct);
            if (isErasing && Clock.GetUtcNow() - entry.CreatedAt < EchoTime) echoing.Add(entry.Sequence);
            else done.Add(entry.Sequence);
        }

        if (done.Count > 0) await db.ActionOutbox.Where(entry => done.Contains(entry.Sequence)).ExecuteDeleteAsync(ct);
        echoing.ExceptWith(done);
        return entries.Count == MostAtOnce;
    }

    /// <summary>Erases what the log holds of what was deleted.</summary>
    /// <returns>Whether it was a deletion.</returns>
    private async Task<bool> EraseAsync(ShieldDb db, ActionEntry entry, CancellationToken ct)
    {
        // INVARIANT: only what is really gone is erased, whatever a record claims.
        switch (entry.Action)
        {
            case "project.deleted" when Guid.TryParse(entry.TargetId, out var project):
                if (await db.Projects.AnyAsync(one => one.Id == project, ct)) return false;
                if (IsItsTurn(entry)) await reader.EraseProjectAsync(project, EraseBatch, ct);
                return true;
            case "account.deleted":
                if (await db.Organizations.AnyAsync(one => one.Id == entry.OrgId, ct)) return false;
                if (IsItsTurn(entry)) await reader.EraseOrganizationAsync(entry.OrgId, EraseBatch, ct);
                return true;
            default:
                return false;
        }
    }

    private bool IsItsTurn(ActionEntry entry) => !echoing.Contains(entry.Sequence) || Clock.GetUtcNow() - entry.CreatedAt >= EchoTime;

    private static ActionRecord RecordOf(ActionEntry entry) => new()
    {
        CallId = entry.Id,
        Time = entry.CreatedAt,
        OrganizationId = entry.OrgId,
        ProjectId = entry.ProjectId ?? Guid.Empty,
        Actor = entry.ActorUserId is not null ? "user" : entry.ActorName == "operator" ? "operator" : "system",
        ActorUserId = entry.ActorUserId,
        Action = entry.Action,
        TargetType = entry.TargetType,
        TargetId = entry.TargetId,
        Before = Bytes(entry.Before),
        After = Bytes(entry.After),
        ClientIp = entry.ClientIp,
    };

    private static ReadOnlyMemory<byte>? Bytes(string? json) => json is null ? null : Encoding.UTF8.GetBytes(json);
}
