using McpShield.Contracts;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Policies;

internal static class PutPolicy
{
    public static void Map(RouteGroupBuilder policy) => policy.MapPut("", HandleAsync)
        .RequirePermission(Permission.EditPolicies)
        .WithName("policies.put")
        .WithSummary("Put a policy in force")
        .WithDescription("One that does not load is refused (`policy.invalid`, with `diagnostics`) and changes nothing; warnings come with the answer. With `If-Match` only while that version is in force, else 412 `policy.changed`; without it, what is in force is replaced. The same text again makes no new version.")
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed);

    private static Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, PutPolicyRequest request, Caller caller, HttpContext context, PolicySaving saving, CancellationToken ct) =>
        saving.SaveAsync(projectId, request.PolicyYaml, request.Reason, caller, context, ct);
}
