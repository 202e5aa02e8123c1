using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using McpShield.Contracts;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace McpShield.Server.Features.Audits;

internal static class StreamAudits
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder audits) => audits.MapGet("/stream", Handle)
        .RequirePermission(Permission.ViewAudits)
        .WithName("audits.stream")
        .WithSummary("Follow the audit log live")
        .WithDescription("Server-sent events: `audit` for a decision or an action, `outcome` when a forwarded call has ended (same id), `ping` when nothing happens. It ends when an access token's time is over: connect again with a fresh one.")
        .GivesText(StatusCodes.Status200OK, "text/event-stream", AuditExamples.Stream);

    private static ServerSentEventsResult<AuditResponse> Handle(
        Caller caller, AuditTail tail, ShieldSettings settings, TimeProvider clock, IHostApplicationLifetime host, CancellationToken ct, [FromQuery(Name = "project_id")] Guid? projectId = null) =>
        TypedResults.ServerSentEvents(FollowAsync(caller, tail, settings, clock, host.ApplicationStopping, projectId, ct));

    private static async IAsyncEnumerable<SseItem<AuditResponse>> FollowAsync(
        Caller caller, AuditTail tail, ShieldSettings settings, TimeProvider clock, CancellationToken stopping, Guid? projectId, [EnumeratorCancellation] CancellationToken ct)
    {
        // THREAT: somebody whose session was revoked goes on listening. A stream is worth no more than the token that opened it.
        using var end = new CancellationTokenSource(settings.AccessTokenLifetime, clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(end.Token, stopping, ct);
        using var listener = tail.Listen(caller.OrganizationId, projectId);
        if (await Ended(listener.Ready.WaitAsync(any.Token))) yield break;
        yield return Ping(clock);
        while (true)
        {
            var more = listener.Records.WaitToReadAsync(any.Token).AsTask();
            while (await Task.WhenAny(more, Task.Delay(Heartbeat, clock, any.Token)) != more && !any.IsCancellationRequested) yield return Ping(clock);
            if (await Ended(more) || !await more) yield break;
            while (listener.Records.TryRead(out var record)) yield return new(ToResponse(record), record.Kind == "outcome" ? "outcome" : "audit") { EventId = record.CallId?.ToString("D") };
        }
    }

    private static async Task<bool> Ended(Task waiting)
    {
        try
        {
            await waiting;
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static SseItem<AuditResponse> Ping(TimeProvider clock) => new(new(Guid.Empty, "ping", clock.GetUtcNow(), null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, new(null, null, [], [])), "ping");

    private static AuditResponse ToResponse(AppendedRecord record) => new(
        record.CallId ?? Guid.Empty, record.Kind == "outcome" ? "decision" : record.Kind, record.Time, record.ProjectId, record.Tool, record.Decision, record.Rule, record.Reason, Message: null, record.Source, record.Agent,
        record.KeyId, record.Status, record.DurationUs / 1000.0, Mode: null, record.Action, Actor: null, ActorUserId: null, TargetType: null, TargetId: null, new(null, null, [], []));
}
