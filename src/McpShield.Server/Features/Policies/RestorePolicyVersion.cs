using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

internal static class RestorePolicyVersion
{
    public static void Map(RouteGroupBuilder policy) => policy.MapPost("/versions/{version:int}/restore", HandleAsync)
        .RequirePermission(Permission.EditPolicies)
        .WithName("policies.versions.restore")
        .WithSummary("Put an earlier version in force again")
        .WithDescription("As a new version with that text; `If-Match` is honoured as by `PUT`.")
        .TakesHeader("If-Match", "The `ETag` that the change is meant for; absent: whatever is in force.")
        .GivesHeader(StatusCodes.Status200OK, "ETag", "Names the version, for `If-Match` and `If-None-Match`.")
        .Refuses(StatusCodes.Status400BadRequest, "policy.invalid")
        .Refuses(StatusCodes.Status404NotFound, "policy.version-not-found")
        .Refuses(StatusCodes.Status409Conflict, "policy.changed")
        .Refuses(StatusCodes.Status412PreconditionFailed, "policy.changed")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static async Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, int version, RestorePolicyRequest? request, Caller caller, HttpContext context, ShieldDb db, PolicySaving saving, CancellationToken ct)
    {
        var yaml = await PolicyReading.Versions(db, projectId, caller).Where(one => one.Version == version).Select(static one => one.PolicyYaml).SingleOrDefaultAsync(ct);
        if (yaml is null) return Problems.NotFound("policy.version-not-found", "The policy has no such version.");
        return await saving.SaveAsync(projectId, yaml, request?.Reason ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"restored version {version}"), caller, context, ct);
    }
}
