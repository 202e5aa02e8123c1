using McpShield.Adapters.Sqlite;
using McpShield.Data;
using McpShield.Data.Projects;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Hosting;

/// <summary>What an empty data directory gets: one project with something to try, and its key.</summary>
internal static class FirstStart
{
    private const string SampleFile = "sample.db";

    private const string DemoPolicy =
        """
        # The policy of project demo: deny by default, and read access to the sample database.
        version: 1
        name: demo
        default: deny
        rules:
          - id: read-sample
            description: SELECT statements on the sample database
            tool: sample.query
            decision: allow
          - id: sample-is-read-only
            tool: sample.*
            decision: deny
            reason: the sample database is read-only; use a SELECT
        """;

    /// <summary>Makes the project unless one exists. The key, which is kept nowhere, or <c>null</c> when there was nothing to do.</summary>
    public static async Task<string?> EnsureAsync(string directory, TimeProvider clock, CancellationToken ct)
    {
        SampleDatabase.CreateIfMissing(Path.Combine(directory, SampleFile));
        await using var db = SqliteFiles.OpenShield(directory);
        if (await db.Projects.AnyAsync(ct)) return null;

        var (now, key) = (clock.GetUtcNow(), ApiKeySecret.Create());
        var organization = new Organization { Id = Guid.CreateVersion7(now), Name = "My organization", CreatedAt = now, UpdatedAt = now };
        var project = new Project { Id = Guid.CreateVersion7(now), OrgId = organization.Id, Name = "demo", Environment = "dev", PolicyYaml = DemoPolicy + "\n", CreatedAt = now, UpdatedAt = now };
        project.Connections.Add(new() { Id = Guid.CreateVersion7(now), Name = "sample", System = "sqlite", Target = SampleFile, CreatedAt = now });
        project.Keys.Add(new() { Id = Guid.CreateVersion7(now), KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Name = "first key", Agent = "demo-agent", CreatedAt = now });
        db.AddRange(organization, project);
        await db.SaveChangesAsync(ct);
        return key;
    }
}
