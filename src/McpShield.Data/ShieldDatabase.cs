using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace McpShield.Data;

/// <summary>Where the control plane's facts are: a SQLite file, or a PostgreSQL server. Opens contexts; made once a process.</summary>
public sealed class ShieldDatabase : IAsyncDisposable
{
    /// <summary>What the connection that waits for announcements calls itself on the server.</summary>
    public const string ListenerName = "mcpshield announcements";

    // It waits and sends nothing, so that it would never notice a server that is gone.
    private const int ListenerKeepAliveSeconds = 5;

    // Copies that start at once must not migrate at once.
    private const long MigrationLock = 0x6d63_7073_6869_656c; // "mcpshiel"

    private readonly Func<ShieldDb> open;
    private readonly string? listening;

    private ShieldDatabase(Func<ShieldDb> open, NpgsqlDataSource? postgres, string? listening) => (this.open, Postgres, this.listening) = (open, postgres, listening);

    /// <summary>The server's connections; <c>null</c>: the facts are in a SQLite file.</summary>
    public NpgsqlDataSource? Postgres { get; }

    /// <summary>The file of a data directory.</summary>
    public static ShieldDatabase InDirectory(string directory)
    {
        var path = SqliteFiles.Shield(directory);
        SqliteFiles.MakePrivate(path);
        var options = new DbContextOptionsBuilder<SqliteShieldDb>().UseSqlite(SqliteFiles.ConnectionString(path, SqliteOpenMode.ReadWriteCreate)).UseSnakeCaseNamingConvention().Options;
        return new(() => new SqliteShieldDb(options), postgres: null, listening: null);
    }

    /// <summary>A PostgreSQL server.</summary>
    public static ShieldDatabase OnServer(string connectionString)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        var options = new DbContextOptionsBuilder<PostgresShieldDb>().UseNpgsql(source).UseSnakeCaseNamingConvention().Options;
        var listening = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = ListenerName, Pooling = false, KeepAlive = ListenerKeepAliveSeconds };
        return new(() => new PostgresShieldDb(options), source, listening.ConnectionString);
    }

    /// <summary>A context for one unit of work.</summary>
    public ShieldDb Open() => open();

    /// <summary>A connection that may wait for as long as it lives, and takes none from the others; <c>null</c>: this database announces nothing.</summary>
    internal NpgsqlConnection? ListeningConnection() => listening is null ? null : new(listening);

    /// <summary>Makes or migrates the tables. Safe to call from several processes at once.</summary>
    public async Task MigrateAsync(CancellationToken ct)
    {
        await using var db = Open();
        if (Postgres is null)
        {
            await db.Database.MigrateAsync(ct);
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", ct);
            return;
        }

        await using var connection = await Postgres.OpenConnectionAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_advisory_lock($1)"; // held until this connection goes back, which drops its locks
        command.Parameters.Add(new() { Value = MigrationLock });
        await command.ExecuteNonQueryAsync(ct);
        await db.Database.MigrateAsync(ct);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Postgres?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteShieldDb>
    {
        public SqliteShieldDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteShieldDb>().UseSqlite("Data Source=design.db").UseSnakeCaseNamingConvention().Options);
    }

    private sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresShieldDb>
    {
        public PostgresShieldDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresShieldDb>().UseNpgsql("Host=design").UseSnakeCaseNamingConvention().Options);
    }
}
