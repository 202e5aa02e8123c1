using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Data.Projects;

/// <summary>Reads every project, with the keys that may be used and its connections, whenever something in the file has changed.</summary>
public sealed class ProjectSnapshots : IDisposable
{
    private readonly string directory;
    private readonly SqliteConnection watching;
    private long seen = -1;

    /// <summary>Opens the file; it must have been migrated.</summary>
    public ProjectSnapshots(string directory)
    {
        this.directory = directory;
        watching = new(SqliteFiles.ConnectionString(SqliteFiles.Shield(directory), SqliteOpenMode.ReadOnly));
        watching.Open();
    }

    /// <summary>All projects as of now; <c>null</c> when nothing changed since the last answer.</summary>
    public async Task<IReadOnlyList<Project>?> ReadIfChangedAsync(CancellationToken ct)
    {
        // SQLite counts the commits of every other connection, ours in this process and those of other programs alike.
        using var command = watching.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        var version = (long)command.ExecuteScalar()!;
        if (version == seen) return null;

        await using var db = SqliteFiles.OpenShield(directory);
        var projects = await db.Projects.AsNoTracking()
            .Include(static project => project.Keys.Where(static key => key.RevokedAt == null))
            .Include(static project => project.Connections)
            .OrderBy(static project => project.Id)
            .AsSplitQuery()
            .ToListAsync(ct);
        seen = version;
        return projects;
    }

    /// <inheritdoc/>
    public void Dispose() => watching.Dispose();
}
