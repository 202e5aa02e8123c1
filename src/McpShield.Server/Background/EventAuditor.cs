using System.Text;
using McpShield.Audit;
using McpShield.Data;
using McpShield.Data.Projects;
using McpShield.Data.Usage;
using McpShield.Policy.Evaluation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Background;

/// <summary>Brings what clients reported into the audit log.</summary>
/// <remarks>
/// The event's own row is the outbox: it says whether the log holds its record, and is marked after the log's commit. A crash in between commits
/// it once more, under the same name, which the log takes as said already.
/// </remarks>
internal sealed class EventAuditor(ShieldDatabase database, AuditLog audit, TimeProvider clock, ILogger<EventAuditor> logger)
    : LeasedWorker(new("events", TimeSpan.FromMilliseconds(500), IsDrainedAtStop: true), database, clock, logger)
{
    private const int MostAtOnce = 1_000;
    private static readonly Dictionary<string, CallStatus> Statuses = Enum.GetValues<CallStatus>().ToDictionary(CallStatusNames.Of, StringComparer.Ordinal);

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        await using var db = Database.Open();
        var waiting = await db.UsageEvents.AsNoTracking().Where(static one => one.AuditedAt == null).OrderBy(static one => one.Id).Take(MostAtOnce)
            .Join(db.Projects, static one => one.ProjectId, static project => project.Id, static (one, project) => new { Event = one, project.OrgId })
            .ToListAsync(ct);
        if (waiting.Count == 0) return false;

        var keyIds = waiting.Select(static one => one.Event.KeyId).Distinct().ToList();
        var keys = await db.ApiKeys.AsNoTracking().Where(key => keyIds.Contains(key.Id)).ToDictionaryAsync(static key => key.Id, ct);
        var records = waiting.SelectMany(one => RecordsOf(one.Event, one.OrgId, one.Event.KeyId is { } id ? keys.GetValueOrDefault(id) : null));
        await Task.WhenAll(records.Select(record => audit.CommitAsync(record, ct).AsTask()));

        var (ids, now) = (waiting.Select(static one => one.Event.Id).ToList(), (DateTimeOffset?)Clock.GetUtcNow());
        await db.UsageEvents.Where(one => ids.Contains(one.Id)).ExecuteUpdateAsync(set => set.SetProperty(static one => one.AuditedAt, now), ct);
        return waiting.Count == MostAtOnce;
    }

    private static IEnumerable<AuditRecord> RecordsOf(UsageEvent reported, Guid organization, ApiKey? key)
    {
        // One that names a decision of ours only says how it ended; its decision is there.
        var call = reported.DecisionId ?? ReportedEvents.CallId(reported.ProjectId, reported.EventId);
        if (reported is { DecisionId: null, Decision: { } decision }) yield return DecisionOf(reported, decision, call, organization, key);
        if (reported.Outcome is { } outcome && Statuses.TryGetValue(outcome, out var status))
        {
            yield return new OutcomeRecord { CallId = call, Time = reported.Timestamp, Status = status, Duration = TimeSpan.FromMilliseconds(reported.DurationMs ?? 0) };
        }
    }

    private static DecisionRecord DecisionOf(UsageEvent reported, string decision, Guid call, Guid organization, ApiKey? key) => new()
    {
        CallId = call,
        Time = reported.Timestamp,
        OrganizationId = organization,
        ProjectId = reported.ProjectId,
        Principal = key is null ? Principal.Nobody : new() { Agent = key.Agent, Key = key.Id.ToString("D"), Organization = organization.ToString("D"), Roles = key.Roles, Scopes = key.Scopes },
        Transport = "http",
        Method = "events/ingest",
        Tool = reported.ToolName,
        Source = DecisionSource.Reported,
        EventId = reported.EventId,
        Arguments = reported.Metadata is { } metadata ? Encoding.UTF8.GetBytes(metadata) : null,
        Decision = decision switch
        {
            "allow" => new() { Outcome = Outcome.Allow, Reason = Reason.Rule, Message = "reported by a client" },
            "approve" => new() { Outcome = Outcome.Approve, Reason = Reason.ApprovalRequired, Message = "reported by a client" },
            _ => new() { Outcome = Outcome.Deny, Reason = Reason.Rule, Message = "reported by a client" },
        },
    };
}
