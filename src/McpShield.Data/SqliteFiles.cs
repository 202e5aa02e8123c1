using McpShield.Data.Audits;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace McpShield.Data;

/// <summary>The embedded databases: two files in the data directory, the audit log apart from everything else.</summary>
public static class SqliteFiles
{
    /// <summary>The control plane's file.</summary>
    public static string Shield(string directory) => Path.Combine(directory, "mcpshield.db");

    /// <summary>The audit log's file.</summary>
    public static string Audit(string directory) => Path.Combine(directory, "audit.db");

    /// <summary>Makes or migrates the audit log's file.</summary>
    public static async Task MigrateAuditAsync(string directory, CancellationToken ct)
    {
        await using var audit = new SqliteAuditDb(Options<SqliteAuditDb>(Audit(directory)));
        MakePrivate(Audit(directory));
        await audit.Database.MigrateAsync(ct);
        await audit.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", ct);
    }

    internal static string ConnectionString(string path, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, ForeignKeys = true, DefaultTimeout = 5 }.ToString();

    internal static DbContextOptions<T> Options<T>(string path) where T : DbContext =>
        new DbContextOptionsBuilder<T>().UseSqlite(ConnectionString(path, SqliteOpenMode.ReadWriteCreate)).UseSnakeCaseNamingConvention().Options;

    // Key digests and arguments are nobody else's to read; the files that SQLite puts beside a database take its mode.
    internal static void MakePrivate(string path)
    {
        using var file = McpShield.Audit.PrivateFile.Create(path, FileMode.OpenOrCreate, FileShare.ReadWrite);
    }

    private sealed class AuditDesign : IDesignTimeDbContextFactory<SqliteAuditDb>
    {
        public SqliteAuditDb CreateDbContext(string[] args) => new(Options<SqliteAuditDb>("design.db"));
    }
}
