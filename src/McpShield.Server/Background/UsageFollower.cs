using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Data.Usage;
using McpShield.Server.Features.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Background;

/// <summary>Counts the gateway's decisions by following the audit log, and holds the counts against the plans.</summary>
/// <remarks>
/// The gateway itself counts nothing: what is on record is what happened. INVARIANT: the cursors move in the transaction that counts, from where they
/// were read; so each decision counts exactly once, whoever else counts and whenever somebody stops.
/// </remarks>
internal sealed class UsageFollower(ShieldDatabase database, AuditReader reader, TimeProvider clock, ILogger<UsageFollower> logger)
    : LeasedWorker(new("usage", TimeSpan.FromMilliseconds(500)), database, clock, logger)
{
    private const int MostAtOnce = 2_000;

    private readonly UsageStore store = UsageStore.Open(database);
    private readonly Quotas quotas = new(database, clock);
    private IReadOnlyDictionary<Guid, long>? cursors;

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        cursors ??= await ReadCursorsAsync(ct);
        var appended = await reader.ReadAfterAsync(cursors, MostAtOnce, ct);
        if (appended.Records.Count > 0)
        {
            var tally = new UsageTally();
            foreach (var record in appended.Records) Count(tally, record);
            cursors = await store.CountAsync(tally, cursors, appended.Heads, Clock.GetUtcNow(), ct) ? appended.Heads : null;
        }

        await quotas.LookAsync(ct);
        return appended.HasMore || cursors is null;
    }

    public override void Dispose()
    {
        base.Dispose();
        store.DisposeAsync().AsTask().GetAwaiter().GetResult(); // closing a file is all it does
    }

    // Reported events were counted when they came, and what was refused for the plan's sake is nobody's use.
    private static void Count(UsageTally tally, AppendedRecord record)
    {
        if (record is not { Kind: "decision", Source: "enforced", Reason: not "quota_exceeded", OrganizationId: { } organization, ProjectId: { } project } || organization == Guid.Empty) return;
        tally.Add(organization, project, record.Time, record.Tool, record.Decision, "enforced");
    }

    private async Task<IReadOnlyDictionary<Guid, long>> ReadCursorsAsync(CancellationToken ct)
    {
        await using var db = Database.Open();
        return await db.UsageCursors.AsNoTracking().ToDictionaryAsync(static cursor => cursor.StreamId, static cursor => cursor.Seq, ct);
    }
}
