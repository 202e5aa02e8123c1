using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Projects;
using McpShield.Server.Features.Billing;
using McpShield.Server.Features.Policies;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Projects;

internal static class CreateProject
{
    public static void Map(RouteGroupBuilder projects) => projects.MapPost("", HandleAsync)
        .RequirePermission(Permission.CreateProjects)
        .IsRetryable()
        .WithName("projects.create")
        .WithSummary("Make a project")
        .WithDescription("It begins with a policy that denies everything, unless another is given. How many an organization may have is up to its plan.")
        .GivesHeader(StatusCodes.Status201Created, "Location", "The path of the project.")
        .Refuses(StatusCodes.Status409Conflict, "project.name-taken", "plan.projects-used-up")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "policy.too-busy");

    private static async Task<Results<Created<ProjectResponse>, ProblemHttpResult>> HandleAsync(CreateProjectRequest request, Caller caller, ShieldDb db, PolicyWork work, TimeProvider clock, CancellationToken ct)
    {
        var policyYaml = request.PolicyYaml ?? StarterPolicy.For(request.Name);
        if (await work.TryLoadAsync(policyYaml, ct) is not { } loaded) return PolicyWork.TooBusy;
        if (loaded.Policy is not { } policy) return Problems.Invalid("policy_yaml", string.Join("; ", loaded.Diagnostics.Select(static one => one.ToString())));

        var now = clock.GetMoment();
        var environment = request.Environment ?? await db.UserSettings.Where(settings => settings.UserId == caller.UserId).Select(static settings => settings.DefaultEnvironment).SingleOrDefaultAsync(ct) ?? "dev";
        var project = new Project { Id = Guid.CreateVersion7(now), OrgId = caller.OrganizationId, Name = request.Name.Trim(), Environment = environment, PolicyYaml = policyYaml, CreatedAt = now, UpdatedAt = now };

        // The organization's row is held until the end: of two requests at once, one counts the other's project.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Organizations.Where(organization => organization.Id == caller.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(static organization => organization.UpdatedAt, now), ct);
        var plan = await PlanOf.OrganizationAsync(db, caller.OrganizationId, ct);
        if (plan.Limits.MaxProjects is { } most && await db.Projects.CountAsync(one => one.OrgId == caller.OrganizationId, ct) >= most)
        {
            return Problems.Conflict("plan.projects-used-up", $"The {plan.Name} plan has room for {most} project{(most == 1 ? "" : "s")}. Upgrade the plan, or delete a project.");
        }

        db.Projects.Add(project);
        db.PolicyVersions.Add(new() { ProjectId = project.Id, Version = 1, PolicyYaml = policyYaml, PolicyHash = policy.Hash, AuthorUserId = caller.UserId, AuthorName = caller.Name, CreatedAt = now });
        db.Record(caller, "project.created", ActionTarget.Of("project", project.Id), now, project.Id, after: new JsonObject { ["name"] = project.Name, ["environment"] = project.Environment });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            // The index decides, not a question before it: two requests may race, one index cannot.
            return Problems.Conflict("project.name-taken", "This organization has a project of that name; choose another.");
        }

        await transaction.CommitAsync(ct);
        return TypedResults.Created($"/projects/{project.Id:D}", new ProjectResponse(project.Id, project.OrgId, project.Name, project.Environment, project.PolicyYaml, project.PolicyVersion, LiveKeys: 0, project.CreatedAt, project.UpdatedAt));
    }
}
