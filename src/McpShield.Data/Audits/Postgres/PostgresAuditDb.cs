using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace McpShield.Data.Audits;

/// <summary>The audit log in PostgreSQL, in the same database as everything else.</summary>
/// <remarks>No foreign keys: records cannot go away, so a check of every row would only cost time.</remarks>
public sealed class PostgresAuditDb(DbContextOptions<PostgresAuditDb> options) : AuditDb(options)
{
    // Any number, as long as nobody else in this database takes it.
    private const long MigrationLock = 0x6D_63_70_73_61_75_64;

    /// <summary>Makes or migrates the tables. Copies that start at once wait for the first.</summary>
    public static async Task MigrateAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await RunAsync("SELECT pg_advisory_lock($1)");
        try
        {
            await using var db = new PostgresAuditDb(Options(builder => builder.UseNpgsql(connection, History)));
            await db.Database.MigrateAsync(ct);
        }
        finally
        {
            await RunAsync("SELECT pg_advisory_unlock($1)");
        }

        async Task RunAsync(string sql)
        {
#pragma warning disable CA2100 // the two constants above
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            command.Parameters.Add(new() { Value = MigrationLock });
            command.CommandTimeout = 0; // as long as the first one takes
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    // The control plane's tables lie in the same database and have a history of their own.
    private static void History(Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.NpgsqlDbContextOptionsBuilder options) => options.MigrationsHistoryTable("audit_migrations");

    private static DbContextOptions<PostgresAuditDb> Options(Action<DbContextOptionsBuilder> configure)
    {
        var builder = new DbContextOptionsBuilder<PostgresAuditDb>();
        configure(builder);
        return builder.UseSnakeCaseNamingConvention().Options;
    }

    private sealed class Design : IDesignTimeDbContextFactory<PostgresAuditDb>
    {
        public PostgresAuditDb CreateDbContext(string[] args) => new(Options(static builder => builder.UseNpgsql("Host=design", History)));
    }
}
