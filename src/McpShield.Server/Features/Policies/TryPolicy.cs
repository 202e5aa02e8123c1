using McpShield.Contracts;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

internal static class TryPolicy
{
    private const int MostBytes = 64 * 1024;

    public static void Map(RouteGroupBuilder policy) => policy.MapPost("/simulate", HandleAsync)
        .ForAnyone()
        .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MostBytes))
        .WithName("policies.try")
        .WithSummary("Ask a policy text about one call")
        .WithDescription("Without an account: twenty times a minute from one address, with at most 64 kB. Nothing is stored.")
        .Refuses(StatusCodes.Status400BadRequest, "policy.invalid")
        .Refuses(StatusCodes.Status429TooManyRequests, "policy.too-many")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static async Task<Results<Ok<ExplainedDecision>, ProblemHttpResult>> HandleAsync(TryPolicyRequest request, HttpContext context, PolicyWork work, PolicyBudget budget, TimeProvider clock, CancellationToken ct)
    {
        if (await budget.ProblemAsync(context, ct) is { } problem) return problem;
        var call = PolicyAnswers.ToCall(new(request.Tool, request.Arguments, request.Context), clock.GetUtcNow(), environment: null);
        if (await work.TryAsync(stop => Tried.Of(request.PolicyYaml, call, stop), ct) is not { } tried) return PolicyWork.TooBusy;
        return tried.Decision is { } decision ? TypedResults.Ok(PolicyAnswers.Of(decision, withTrace: true)) : PolicyAnswers.Invalid(tried.Loaded.Diagnostics);
    }

    private sealed record Tried(PolicyLoadResult Loaded, Decision? Decision)
    {
        public static Tried Of(string yaml, CallText call, CancellationToken stop)
        {
            var loaded = PolicyLoader.Load(yaml, stop);
            return new(loaded, loaded.Policy is { } policy ? call.Explain(policy) : null);
        }
    }
}
