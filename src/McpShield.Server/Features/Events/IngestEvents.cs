using System.Globalization;
using McpShield.Contracts;
using McpShield.Data.Audits;
using McpShield.Data.Billing;
using McpShield.Data.Usage;
using McpShield.Gateway;
using McpShield.Policy.Json;
using McpShield.Server.Features.Usage;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Events;

internal static class IngestEvents
{
    private const double WarnFromPercent = 80;

    // A thousand events, each with metadata of many values.
    private static readonly JsonLimits Limits = new((int)ControlPlane.MaxBodyBytes, 36, 200_000);

    public static void Map(RouteGroupBuilder events) => events.MapPost("/ingest", HandleAsync)
        .ForKeys()
        .IsRetryable()
        .Accepts<IngestEventsRequest>("application/json")
        .WithName("events.ingest")
        .WithSummary("Report what an agent did or a client decided")
        .WithDescription(
            """
            One event as the body, or up to 1,000 under `events`; all are taken or none. The answer is sent when they are in the database. An `event_id` that was seen before counts
            once. A `decision_id` of a decision that this project made adds outcome and duration to it and is not counted again; one that the project does not have counts as any
            other reported event. Where the plan refuses what is beyond its limit, the answer is 429 until the month ends; where it warns or bills, the event is taken.
            """)
        .TakesAlso<IngestEvent>()
        .Refuses(StatusCodes.Status429TooManyRequests, "plan.events-used-up")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "events.overloaded");

    private static async Task<Results<Accepted<IngestResponse>, ProblemHttpResult>> HandleAsync(HttpContext context, KeyCaller caller, EventWriter writer, PlanCache plans, AuditReader audits, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var resetsAt = Months.After(now);
        if (caller.Agent.Project.RefusedUntil > now) return UsedUp(context, resetsAt - now);
        if (!JsonTree.TryRead(await RawBody.ReadAsync(context.Request, ct), Limits, out var tree, out var fault)) return Problems.BadRequest("request.unreadable", $"The body is not JSON that this endpoint takes: {fault}.");

        EventReader read;
        using (tree) read = EventReader.Read(tree!.Root, now);
        if (read.Errors.Count > 0) return Problems.Invalid(read.Errors);
        var events = await SettleAsync(read.Events, caller.ProjectId, audits, ct);

        if (writer.TryAdd(new(caller.OrganizationId, caller.ProjectId, caller.KeyId, events)) is not { } writing)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.Unavailable("events.overloaded", "More events are waiting than can be written at the moment; none of these were taken. Send them again in a second.");
        }

        var answer = await writing.WaitAsync(ct);
        if (!answer.IsProjectThere) return Problems.Unauthorized("key.invalid", "The project of this key was deleted.");
        var plan = await plans.GetAsync(caller.OrganizationId, ct);
        var standing = Standing(now, resetsAt, answer.MonthCount, plan.Limits);
        return TypedResults.Accepted((string?)null, new IngestResponse(answer.Accepted, events.Count - answer.Accepted, standing, Warning(standing, plan)));
    }

    private static ProblemHttpResult UsedUp(HttpContext context, TimeSpan untilReset) =>
        Problems.TooMany(context, "plan.events-used-up", "The plan's events of this month are used up. The organization's owner can change the plan; else go on when the next month begins.", untilReset);

    // What a decision of ours needs is its end, and only where the gateway did not see it itself.
    // THREAT: a key that names a call of the gateway that is still under way could put a false end on record before the true one.
    private static async Task<IReadOnlyList<ReportedEvent>> SettleAsync(IReadOnlyList<ReportedEvent> events, Guid project, AuditReader audits, CancellationToken ct)
    {
        if (events.All(static one => one.DecisionId is null)) return events;
        var known = await audits.FindDecisionsAsync(project, [.. events.Where(static one => one.DecisionId is not null).Select(static one => one.DecisionId!.Value)], ct);
        return
        [
            .. events.Select(one => one.DecisionId is not { } id ? one
                : known.TryGetValue(id, out var method) ? one with { IsForAudit = one.Outcome is not null && method == GatewayProject.EvaluateMethod }
                : one with { DecisionId = null }),
        ];
    }

    private static UsageStanding Standing(DateTimeOffset now, DateTimeOffset resetsAt, long count, PlanLimits limits) => new(Months.Name(now), count, limits.MaxEvents, Months.Percent(count, limits.MaxEvents), resetsAt);

    private static string? Warning(UsageStanding standing, Plan plan)
    {
        if (standing.Limit is not { } limit || standing.Percent is not { } percent || percent < WarnFromPercent) return null;
        var numbers = string.Create(CultureInfo.InvariantCulture, $"{standing.EventCount:N0} of the {limit:N0} events that the {plan.Name} plan includes in {standing.Month} are used");
        if (standing.EventCount <= limit) return numbers + ".";
        return numbers + plan.Limits.PastLimit switch
        {
            PastLimit.Bill => "; what is beyond is put on the invoice.",
            PastLimit.Warn => "; they are still taken. Upgrade the plan.",
            _ => "; events are refused until the next month begins. Upgrade the plan.",
        };
    }
}
