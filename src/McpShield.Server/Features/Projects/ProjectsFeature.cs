using System.Linq.Expressions;
using McpShield.Contracts;
using McpShield.Data.Projects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Projects;

/// <summary>Projects: what agents' keys belong to.</summary>
internal static class ProjectsFeature
{
    public static void MapProjects(this IEndpointRouteBuilder app)
    {
        var projects = app.MapGroup("/projects").WithTags("Projects");
        ListProjects.Map(projects);
        CreateProject.Map(projects);
        GetProject.Map(projects);
        UpdateProject.Map(projects);
        DeleteProject.Map(projects);
    }

    /// <summary>A project as the API shows it, read in one query.</summary>
    public static Expression<Func<Project, ProjectResponse>> ToResponse(DateTimeOffset now) => project => new(
        project.Id, project.OrgId, project.Name, project.Environment, project.PolicyYaml, project.PolicyVersion,
        project.Keys.Count(key => key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now)), project.CreatedAt, project.UpdatedAt);
}
