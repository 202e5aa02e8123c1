using McpShield.Contracts;
using McpShield.Gateway.Enforcement;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

internal static class SimulatePolicy
{
    private const int UsualDays = 7;
    private const int UsualLimit = 200;

    public static void Map(RouteGroupBuilder policy) => policy.MapPost("/simulate", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("policies.simulate")
        .WithSummary("Run a draft against calls, given or on record")
        .WithDescription("Each call is decided by the policy in force and by the draft, at its own time and with rate limits counted. Of calls on record the redacted arguments are used, the key's roles and scopes of today, and a session without history. What a database would say of a statement is not asked. Nothing is stored.")
        .Refuses(StatusCodes.Status400BadRequest, "policy.invalid")
        .Refuses(StatusCodes.Status403Forbidden, "permission.missing")
        .Refuses(StatusCodes.Status429TooManyRequests, "policy.too-many")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static async Task<Results<Ok<SimulationResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, SimulatePolicyRequest request, Caller caller, HttpContext context, ShieldDb db, PolicyWork work, PolicyBudget budget, RecordedCallReader records, TimeProvider clock, CancellationToken ct)
    {
        if (request.Calls is null == request.Recorded is null) return Problems.Invalid("calls", "give either calls or recorded");
        if (request.Calls?.Any(static call => call is null) == true) return Problems.Invalid("calls", "each is a call");
        if (request.Recorded is not null && !caller.Role.May(Permission.ViewAudits)) return Problems.Forbidden("permission.missing", "Your role in this organization may not see recorded calls. Ask an owner or admin of the organization.");
        if (await budget.ProblemAsync(context, caller, ct) is { } problem) return problem;
        var project = await db.Projects.AsNoTracking().Where(one => one.Id == projectId && one.OrgId == caller.OrganizationId).Select(static one => new { one.PolicyYaml, one.Environment }).SingleOrDefaultAsync(ct);
        if (project is null) return Problems.NotFound("project.not-found", "There is no such project.");

        var now = clock.GetUtcNow();
        var (calls, skipped) = request.Recorded is { } recorded
            ? await records.ReadAsync(caller.OrganizationId, projectId, project.Environment, now.AddDays(-(recorded.Days ?? UsualDays)), recorded.Limit ?? UsualLimit, ct)
            : ([.. request.Calls!.Select(call => new CallToTry(PolicyAnswers.ToCall(call, now, project.Environment), CallId: null, Recorded: null))], 0);
        var run = await work.TryAsync(stop => Run(project.PolicyYaml, request.PolicyYaml ?? project.PolicyYaml, calls, isRecorded: request.Recorded is not null, skipped, stop), ct);
        return run is null ? PolicyWork.TooBusy : run.Response is { } response ? TypedResults.Ok(response) : PolicyAnswers.Invalid(run.Draft.Diagnostics);
    }

    private static Ran Run(string current, string draft, IReadOnlyList<CallToTry> calls, bool isRecorded, int skipped, CancellationToken stop)
    {
        var loaded = PolicyLoader.Load(draft, stop);
        if (loaded.Policy is not { } after) return new(loaded, null);
        var before = PolicyInForce.Of(PolicyLoader.Load(current, stop));

        // Counted apart, as each policy would have counted had it been in force all the time.
        var (countedBefore, countedAfter) = (new RateLimiter(), new RateLimiter());
        var (items, changed, morePermissive) = (new List<SimulatedCall>(calls.Count), 0, 0);
        foreach (var call in calls)
        {
            stop.ThrowIfCancellationRequested();
            var (was, becomes) = (Decide(before, countedBefore, call.Call), Decide(after, countedAfter, call.Call));
            var isChanged = was.Outcome != becomes.Outcome;
            if (isChanged) changed++;
            if (Rank(becomes.Outcome) > Rank(was.Outcome)) morePermissive++;
            var withTrace = isChanged || !isRecorded;
            items.Add(new(PolicyAnswers.Of(call.Call), call.CallId, call.Recorded, isChanged, PolicyAnswers.Of(was, withTrace), PolicyAnswers.Of(becomes, withTrace)));
        }

        if (isRecorded) items.Reverse();
        return new(loaded, new(items.Count, changed, morePermissive, skipped, items));
    }

    // A policy in shadow takes nothing from its limits.
    private static Decision Decide(CompiledPolicy policy, RateLimiter limits, CallText call)
    {
        var decision = call.Explain(policy);
        return policy.IsShadow ? decision : limits.Apply(decision, call.Context.Time);
    }

    private static int Rank(Outcome outcome) => outcome switch { Outcome.Allow => 2, Outcome.Approve => 1, _ => 0 };

    private sealed record Ran(PolicyLoadResult Draft, SimulationResponse? Response);
}
