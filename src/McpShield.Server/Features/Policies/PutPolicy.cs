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
        .TakesHeader("If-Match", "The `ETag` that the change is meant for; absent: whatever is in force.")
        .GivesHeader(StatusCodes.Status200OK, "ETag", "Names the version, for `If-Match` and `If-None-Match`.")
        .Refuses(StatusCodes.Status400BadRequest, "policy.invalid")
        .Refuses(StatusCodes.Status409Conflict, "policy.changed")
        .Refuses(StatusCodes.Status412PreconditionFailed, "policy.changed")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, PutPolicyRequest request, Caller caller, HttpContext context, PolicySaving saving, CancellationToken ct) =>
        saving.SaveAsync(projectId, request.PolicyYaml, request.Reason, caller, context, ct);
}
