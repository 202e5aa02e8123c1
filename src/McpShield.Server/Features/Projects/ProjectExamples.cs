using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Projects;

/// <summary>What the description shows.</summary>
internal static class ProjectExamples
{
    private static readonly ProjectResponse Project = new(Sample.Project, Sample.Organization, "Docs", "dev", Sample.Policy, 1, 1, Sample.Then, Sample.Then);

    public static ApiExample[] All =>
    [
        ApiExample.Of(new CreateProjectRequest("Docs", "dev", Sample.Policy)),
        ApiExample.Of(new UpdateProjectRequest("Docs", "staging")),
        ApiExample.Of(Project),
        ApiExample.PageOf(Project),
    ];
}
