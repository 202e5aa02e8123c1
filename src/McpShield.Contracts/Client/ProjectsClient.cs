using System.Globalization;

namespace McpShield.Contracts.Client;

/// <summary><c>/projects</c></summary>
public sealed class ProjectsClient
{
    private readonly ShieldTransport api;

    internal ProjectsClient(ShieldTransport api) => this.api = api;

    /// <summary>A page of the projects of the caller's organization, or of <paramref name="organizationId"/>.</summary>
    public Task<Page<ProjectResponse>> ListAsync(CancellationToken ct, string? cursor = null, int? limit = null, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Get, ShieldTransport.Query("/projects", ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("organization_id", organizationId?.ToString("D"))), ProjectsJson.Default.PageProjectResponse, ct);

    /// <summary>Makes a project.</summary>
    public Task<ProjectResponse> CreateAsync(CreateProjectRequest request, CancellationToken ct, Guid? organizationId = null) => api.SendAsync(
        HttpMethod.Post, ShieldTransport.Query("/projects", ("organization_id", organizationId?.ToString("D"))), request, ProjectsJson.Default.CreateProjectRequest, ProjectsJson.Default.ProjectResponse, ct);

    /// <summary>One project.</summary>
    public Task<ProjectResponse> GetAsync(Guid id, CancellationToken ct) => api.SendAsync(HttpMethod.Get, $"/projects/{id:D}", ProjectsJson.Default.ProjectResponse, ct);

    /// <summary>Changes a project's name or environment.</summary>
    public Task<ProjectResponse> UpdateAsync(Guid id, UpdateProjectRequest request, CancellationToken ct) => api.SendAsync(
        HttpMethod.Patch, $"/projects/{id:D}", request, ProjectsJson.Default.UpdateProjectRequest, ProjectsJson.Default.ProjectResponse, ct);

    /// <summary>Deletes a project with its keys, connections and audits.</summary>
    public Task DeleteAsync(Guid id, CancellationToken ct) => api.SendAsync(HttpMethod.Delete, $"/projects/{id:D}", ct);
}
