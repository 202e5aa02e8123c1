using McpShield.Contracts;
using McpShield.Policy.Analysis;
using McpShield.Policy.Language;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

internal static class ValidatePolicy
{
    public static void Map(RouteGroupBuilder policy) => policy.MapPost("/validate", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("policies.validate")
        .WithSummary("Say what there is to say about a policy text")
        .WithDescription("Errors, warnings, and what is allowed and probably not meant, with line and column. Nothing is stored.")
        .Refuses(StatusCodes.Status429TooManyRequests, "policy.too-many")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static async Task<Results<Ok<PolicyValidationResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, PolicyTextRequest request, Caller caller, HttpContext context, PolicyWork work, PolicyBudget budget, CancellationToken ct)
    {
        if (await budget.ProblemAsync(context, caller, ct) is { } problem) return problem;
        if (await work.TryAsync(stop => PolicyLint.Run(request.PolicyYaml, tools: null, stop).ToArray(), ct) is not { } found) return PolicyWork.TooBusy;
        return TypedResults.Ok(new PolicyValidationResponse(found.All(static one => one.Severity is not Severity.Error), PolicyAnswers.Of(found)));
    }
}
