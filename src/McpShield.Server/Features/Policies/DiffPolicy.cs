using McpShield.Contracts;
using McpShield.Policy.Analysis;
using McpShield.Policy.Language;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

internal static class DiffPolicy
{
    public static void Map(RouteGroupBuilder policy) => policy.MapPost("/diff", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("policies.diff")
        .WithSummary("Tell what a draft would let through that is denied now, and the reverse")
        .WithDescription("Each with a call that shows it. `proved` says whether no difference can have been missed. Nothing is stored.")
        .Refuses(StatusCodes.Status400BadRequest, "policy.invalid")
        .Refuses(StatusCodes.Status429TooManyRequests, "policy.too-many")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static async Task<Results<Ok<PolicyDiffResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, PolicyTextRequest request, Caller caller, HttpContext context, ShieldDb db, PolicyWork work, PolicyBudget budget, CancellationToken ct)
    {
        if (await budget.ProblemAsync(context, caller, ct) is { } problem) return problem;
        if (await PolicyReading.InForceAsync(db, projectId, caller, ct) is not { } current) return Problems.NotFound("project.not-found", "There is no such project.");
        if (await work.TryAsync(stop => Compared.Of(current.PolicyYaml, request.PolicyYaml, stop), ct) is not { } compared) return PolicyWork.TooBusy;
        if (compared.Diff is not { } diff) return PolicyAnswers.Invalid(compared.Draft.Diagnostics);
        return TypedResults.Ok(new PolicyDiffResponse(
            current.Version,
            PolicyAnswers.Of(diff.Change),
            diff.IsProved,
            diff.Unproved,
            [.. diff.Witnesses.Select(static one => new PolicyWitness(PolicyAnswers.Of(one.Call), one.IsMorePermissive, PolicyAnswers.Of(one.Before, withTrace: true), PolicyAnswers.Of(one.After, withTrace: true)))],
            diff.OtherDuties));
    }

    private sealed record Compared(PolicyLoadResult Draft, PolicyDiff? Diff)
    {
        public static Compared Of(string current, string draft, CancellationToken stop)
        {
            var loaded = PolicyLoader.Load(draft, stop);
            return new(loaded, loaded.Policy is null ? null : PolicyDiff.Compare(PolicyInForce.Of(PolicyLoader.Load(current, stop)), loaded.Policy, stop));
        }
    }
}
