using McpShield.Data.Projects;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Tests;

/// <summary>What the gateway knows of projects and keys follows the database.</summary>
public sealed class ProjectSnapshotsTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await SqliteFiles.MigrateAsync(folder.Path, Ct);

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Changes_are_seen_once_and_a_revoked_key_is_gone()
    {
        using var snapshots = new ProjectSnapshots(folder.Path);
        Assert.Empty((await snapshots.ReadIfChangedAsync(Ct))!);
        Assert.Null(await snapshots.ReadIfChangedAsync(Ct));

        await AddProjectAsync();
        var added = Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!);
        Assert.Single(added.Keys);
        Assert.Null(await snapshots.ReadIfChangedAsync(Ct));

        await using (var db = SqliteFiles.OpenShield(folder.Path))
        {
            (await db.ApiKeys.SingleAsync(Ct)).RevokedAt = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
            await db.SaveChangesAsync(Ct);
        }

        Assert.Empty(Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!).Keys);
    }

    [Fact]
    public async Task Moments_survive_to_the_tick_and_sort()
    {
        await AddProjectAsync();
        await using var db = SqliteFiles.OpenShield(folder.Path);

        var project = await db.Projects.OrderByDescending(static one => one.CreatedAt).FirstAsync(Ct);

        Assert.Equal(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero).AddTicks(1), project.CreatedAt);
    }

    [Fact]
    public void Keys_are_long_random_and_kept_as_digests()
    {
        var keys = Enumerable.Range(0, 100).Select(static _ => ApiKeySecret.Create()).ToList();

        Assert.Equal(100, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.All(keys, static key => Assert.Matches("^mcps_[A-Za-z0-9_-]{43}$", key));
        Assert.All(keys, static key => Assert.Equal(12, ApiKeySecret.Shown(key).Length));
        Assert.Equal(32, ApiKeySecret.Digest(keys[0]).Length);
        Assert.False(ApiKeySecret.IsKey("sk_other"));
        Assert.False(ApiKeySecret.IsKey("mcps_" + new string('x', 1_000)));
    }

    private async Task AddProjectAsync()
    {
        var now = new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero).AddTicks(1);
        var organization = new Organization { Id = Guid.CreateVersion7(now), Name = "o", CreatedAt = now, UpdatedAt = now };
        var project = new Project { Id = Guid.CreateVersion7(now), OrgId = organization.Id, Name = "p", Environment = "dev", PolicyYaml = "version: 1", CreatedAt = now, UpdatedAt = now };
        project.Keys.Add(new() { Id = Guid.CreateVersion7(now), KeyHash = ApiKeySecret.Digest("mcps_x"), KeyPrefix = "mcps_x", Agent = "a", CreatedAt = now });
        await using var db = SqliteFiles.OpenShield(folder.Path);
        db.AddRange(organization, project);
        await db.SaveChangesAsync(Ct);
    }
}
