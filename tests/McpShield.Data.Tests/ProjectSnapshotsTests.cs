using McpShield.Data.Accounts;
using McpShield.Data.Organizations;
using McpShield.Data.Projects;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Tests;

/// <summary>What a gateway knows of projects and keys follows the database, whoever changes it.</summary>
public abstract class ProjectSnapshotsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private ShieldDatabase? database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ShieldDatabase Database => database!;

    public async ValueTask InitializeAsync()
    {
        database = await OpenAsync();
        await database.MigrateAsync(Ct);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Changes_are_seen_once_and_a_revoked_key_is_gone()
    {
        var snapshots = new ProjectSnapshots(Database);
        Assert.Empty((await snapshots.ReadIfChangedAsync(Ct))!.Projects);
        Assert.Null(await snapshots.ReadIfChangedAsync(Ct));

        var (user, project) = await AddProjectAsync();
        Assert.Single(Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!.Projects).Project.Keys);
        Assert.Null(await snapshots.ReadIfChangedAsync(Ct));

        await using var db = Database.Open();
        await db.ApiKeys.ExecuteUpdateAsync(static set => set.SetProperty(static key => key.RevokedAt, Now), Ct);
        Assert.Empty(Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!.Projects).Project.Keys);

        await db.ApiKeys.ExecuteUpdateAsync(static set => set.SetProperty(static key => key.LastUsedAt, Now), Ct);
        Assert.Null(await snapshots.ReadIfChangedAsync(Ct));

        await db.Projects.Where(one => one.Id == project).ExecuteDeleteAsync(Ct);
        Assert.Equal([project], (await snapshots.ReadIfChangedAsync(Ct))!.Gone);
    }

    [Fact]
    public async Task Only_what_changed_is_read_again()
    {
        var (_, first) = await AddProjectAsync();
        await AddProjectAsync();
        var snapshots = new ProjectSnapshots(Database);
        Assert.Equal(2, (await snapshots.ReadIfChangedAsync(Ct))!.Projects.Count);

        await using var db = Database.Open();
        await db.Projects.Where(project => project.Id == first).ExecuteUpdateAsync(static set => set.SetProperty(static project => project.PolicyYaml, "version: 1\nrules: []\n"), Ct);

        Assert.Equal(first, Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!.Projects).Project.Id);
    }

    [Fact]
    public async Task The_keys_of_a_suspended_owner_open_nothing_until_they_are_back()
    {
        var (user, _) = await AddProjectAsync();
        var snapshots = new ProjectSnapshots(Database);
        await snapshots.ReadIfChangedAsync(Ct);
        await using var db = Database.Open();

        await db.Profiles.Where(profile => profile.UserId == user).ExecuteUpdateAsync(static set => set.SetProperty(static profile => profile.Status, Profile.Suspended), Ct);
        Assert.Empty(Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!.Projects).Project.Keys);

        await db.Profiles.Where(profile => profile.UserId == user).ExecuteUpdateAsync(static set => set.SetProperty(static profile => profile.Status, Profile.Active), Ct);
        Assert.Single(Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!.Projects).Project.Keys);
    }

    [Fact]
    public async Task An_organization_whose_events_are_used_up_is_announced()
    {
        await AddProjectAsync();
        var snapshots = new ProjectSnapshots(Database);
        await snapshots.ReadIfChangedAsync(Ct);
        await using var db = Database.Open();

        await db.Organizations.ExecuteUpdateAsync(static set => set.SetProperty(static organization => organization.EventsRefusedUntil, Now), Ct);

        Assert.Equal(Now, Assert.Single((await snapshots.ReadIfChangedAsync(Ct))!.Projects).EventsRefusedUntil);
    }

    [Fact]
    public async Task A_migrated_database_is_as_the_model_says()
    {
        await using var db = Database.Open();

        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync(Ct));
    }

    private protected abstract Task<ShieldDatabase> OpenAsync();

    private async Task<(Guid User, Guid Project)> AddProjectAsync()
    {
        var user = new User { Id = Guid.CreateVersion7(Now), Email = $"{Guid.CreateVersion7(Now):N}@example.com", FirstName = "A", LastName = "B", CreatedAt = Now, UpdatedAt = Now };
        user.Profile = new() { Id = Guid.CreateVersion7(Now), UserId = user.Id, CreatedAt = Now, UpdatedAt = Now };
        var organization = new Organization { Id = Guid.CreateVersion7(Now), Name = "o", OwnerUserId = user.Id, CreatedAt = Now, UpdatedAt = Now };
        var project = new Project { Id = Guid.CreateVersion7(Now), OrgId = organization.Id, Name = "p", Environment = "dev", PolicyYaml = "version: 1", CreatedAt = Now, UpdatedAt = Now };
        var key = ApiKeySecret.Create();
        project.Keys.Add(new() { Id = Guid.CreateVersion7(Now), KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Agent = "a", Roles = ["dba"], CreatedAt = Now });
        await using var db = Database.Open();
        db.AddRange(user, organization, project);
        await db.SaveChangesAsync(Ct);
        return (user.Id, project.Id);
    }
}

public sealed class SqliteProjectSnapshotsTests : ProjectSnapshotsTests
{
    private readonly TemporaryFolder folder = new();

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

    [Fact]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Interoperability", "CA1416", Justification = "the tests run on Linux")]
    public void The_file_is_nobody_elses_to_read() => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SqliteFiles.Shield(folder.Path)));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Dispose();
    }

    private protected override Task<ShieldDatabase> OpenAsync() => Task.FromResult(ShieldDatabase.InDirectory(folder.Path));
}

public sealed class PostgresProjectSnapshotsTests : ProjectSnapshotsTests
{
    private protected override async Task<ShieldDatabase> OpenAsync() => ShieldDatabase.OnServer(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
}
