using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Projects;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Policies;

/// <summary>Puts a policy in force: for a new text, and for one of the history.</summary>
internal sealed class PolicySaving(ShieldDb db, PolicyWork work, ProjectRegistry registry, TimeProvider clock)
{
    public async Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> SaveAsync(Guid projectId, string policyYaml, string? reason, Caller caller, HttpContext context, CancellationToken ct)
    {
        if (await work.TryLoadAsync(policyYaml, ct) is not { } loaded) return PolicyWork.TooBusy;
        if (loaded.Policy is not { } policy) return PolicyAnswers.Invalid(loaded.Diagnostics);
        if (await db.Projects.SingleOrDefaultAsync(project => project.Id == projectId && project.OrgId == caller.OrganizationId, ct) is not { } project) return Problems.NotFound("project.not-found", "There is no such project.");
        if (!PolicyTags.IsMet(context.Request, PolicyTags.Of(project.PolicyVersion))) return Changed();

        var diagnostics = PolicyAnswers.Of(loaded.Diagnostics);
        if (project.PolicyYaml == policyYaml)
        {
            var same = await PolicyReading.InForceAsync(db, projectId, caller, ct);
            return same is null ? Problems.NotFound("project.not-found", "There is no such project.") : Answer(context, same with { Diagnostics = diagnostics });
        }

        var now = clock.GetMoment();
        var before = new JsonObject { ["version"] = project.PolicyVersion };
        project.PolicyYaml = policyYaml;
        project.PolicyVersion++;
        project.UpdatedAt = now;
        var version = new PolicyVersion { ProjectId = projectId, Version = project.PolicyVersion, PolicyYaml = policyYaml, PolicyHash = policy.Hash, AuthorUserId = caller.UserId, AuthorName = caller.Name, Reason = ReasonOf(reason), CreatedAt = now };
        db.PolicyVersions.Add(version);
        db.Record(caller, "policy.updated", ActionTarget.Of("project", projectId), now, projectId, before, new() { ["version"] = version.Version, ["hash"] = version.PolicyHash, ["reason"] = version.Reason });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure is DbUpdateConcurrencyException || failure.IsUniqueViolation())
        {
            // Two at once: the version's number is given once, and the project's row changes only from the version that was read.
            return context.Request.Headers.IfMatch.Count > 0 ? Changed() : Problems.Conflict("policy.changed", "Somebody else changed the policy at the same moment; read it again and try once more.");
        }
        catch (DbUpdateException failure) when (failure.IsForeignKeyViolation())
        {
            return Problems.NotFound("project.not-found", "There is no such project.");
        }

        await Announcements.NowAsync(registry, ct);
        return Answer(context, new(policyYaml, version.Version, version.PolicyHash, now, version.AuthorName, version.Reason, diagnostics));
    }

    private static ProblemHttpResult Changed() => Problems.PreconditionFailed("policy.changed", "The policy is no longer the version that `If-Match` names: somebody changed it. Read it again and make your change to that.");

    private static string? ReasonOf(string? reason) => string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();

    private static Ok<PolicyResponse> Answer(HttpContext context, PolicyResponse policy)
    {
        context.Response.Headers.ETag = PolicyTags.Of(policy.Version);
        return TypedResults.Ok(policy);
    }
}
