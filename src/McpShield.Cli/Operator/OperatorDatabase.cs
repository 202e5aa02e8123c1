using System.CommandLine;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Organizations;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Cli.Operator;

/// <summary>The server's own database, for whoever runs the machine; also while <c>up</c> runs.</summary>
internal static class OperatorDatabase
{
    public static Option<string?> DataOption() => new("--data") { Description = $"The data directory of `mcpshield up`, where DB_HOST is not set. Default: {DataDirectory.Variable}, else {DataDirectory.Default}." };

    /// <summary>Runs <paramref name="act"/> on the database that the same environment variables gave to <c>up</c>.</summary>
    public static async Task<int> RunAsync(string? data, Func<ShieldDb, Task<int>> act)
    {
        try
        {
            await using var database = Open(data);
            await using var db = database.Open();
            return await act(db);
        }
        catch (StartFailedException wrong)
        {
            throw new CommandException(ExitCodes.Usage, wrong.Message);
        }
        catch (Exception failure) when (failure is System.Data.Common.DbException or DbUpdateException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"the database cannot be used: {(failure.InnerException ?? failure).Message}");
        }
    }

    /// <summary>The user with an address.</summary>
    public static async Task<User> UserAsync(ShieldDb db, string email, CancellationToken ct)
    {
        var normal = User.Normalize(email);
        return await db.Users.Include(static user => user.Profile).SingleOrDefaultAsync(user => user.Email == normal, ct) ?? throw new CommandException(ExitCodes.No, $"there is no user `{normal}`; `mcpshield admin users list` shows those there are");
    }

    /// <summary>The organization that a user owns.</summary>
    public static Task<Organization> OrganizationAsync(ShieldDb db, Guid user, CancellationToken ct) => db.Organizations.SingleAsync(organization => organization.OwnerUserId == user, ct);

    /// <summary>The configuration that <c>up</c> has in this environment.</summary>
    public static ShieldSettings Settings() => ShieldSettings.Read(EnvironmentVariables.All());

    private static ShieldDatabase Open(string? data)
    {
        if (Settings().Postgres is { } server) return ShieldDatabase.OnServer(server);
        var directory = DataDirectory.Choose(data);
        if (!File.Exists(SqliteFiles.Shield(directory))) throw new CommandException(ExitCodes.Unreachable, $"there is no database in `{directory}`; name the data directory of `mcpshield up` with --data, or set DB_HOST as for the server");
        return ShieldDatabase.InDirectory(directory);
    }
}
