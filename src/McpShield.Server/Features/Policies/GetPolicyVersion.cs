using McpShield.Contracts;
using McpShield.Policy.Analysis;
using McpShield.Policy.Language;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

internal static class GetPolicyVersion
{
    public static void Map(RouteGroupBuilder policy) => policy.MapGet("/versions/{version:int}", HandleAsync)
        .RequirePermission(Permission.ViewProjects)
        .WithName("policies.versions.get")
        .WithSummary("A version of a policy, and what it changed")
        .WithDescription("`change` says what it came to, compared with the version before; `diff` shows the lines.")
        .Refuses(StatusCodes.Status404NotFound, "policy.version-not-found");

    private static async Task<Results<Ok<PolicyVersionResponse>, ProblemHttpResult>> HandleAsync(Guid projectId, int version, Caller caller, ShieldDb db, PolicyWork work, CancellationToken ct)
    {
        var found = await PolicyReading.Versions(db, projectId, caller)
            .Where(one => one.Version == version || one.Version == version - 1)
            .OrderByDescending(static one => one.Version)
            .Select(one => new { Row = one, IsCurrent = db.Projects.Any(project => project.Id == one.ProjectId && project.PolicyVersion == one.Version) })
            .ToListAsync(ct);
        if (found.Count == 0 || found[0].Row.Version != version) return Problems.NotFound("policy.version-not-found", "The policy has no such version.");

        var (row, before) = (found[0].Row, found.Count > 1 ? found[1].Row.PolicyYaml : null);
        var compared = before is null ? null : await work.TryAsync(stop => Compared.Of(before, row.PolicyYaml, stop), ct);
        return TypedResults.Ok(new PolicyVersionResponse(
            row.Version, row.PolicyHash, row.AuthorName, row.Reason, row.CreatedAt, found[0].IsCurrent, row.PolicyYaml, compared?.Change, compared?.IsProved, before is null ? [] : LineDiff.Unified(before, row.PolicyYaml)));
    }

    private sealed record Compared(string? Change, bool? IsProved)
    {
        // A text of the history may be older than what the language asks today: then there is nothing to compare.
        public static Compared Of(string before, string after, CancellationToken stop)
        {
            var (old, now) = (PolicyLoader.Load(before, stop).Policy, PolicyLoader.Load(after, stop).Policy);
            if (old is null || now is null) return new(null, null);
            var diff = PolicyDiff.Compare(old, now, stop);
            return new(PolicyAnswers.Of(diff.Change), diff.IsProved);
        }
    }
}
