using Npgsql;

namespace McpShield.Data.Projects;

/// <summary>Hears what PostgreSQL's triggers announce: something of a project changed, in whichever process. Good until its connection ends.</summary>
/// <remarks>What is announced while nobody listens is lost: whoever must not miss a change also polls.</remarks>
public sealed class ProjectAnnouncements : IAsyncDisposable
{
    private const string Listen = "LISTEN mcpshield_projects";

    private readonly NpgsqlConnection connection;

    private ProjectAnnouncements(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Begins to listen, on a connection of its own.</summary>
    public static async Task<ProjectAnnouncements> OpenAsync(ShieldDatabase database, CancellationToken ct)
    {
        var connection = database.ListeningConnection() ?? throw new InvalidOperationException("a SQLite file announces nothing");
        try
        {
            await connection.OpenAsync(ct);
            await using var command = new NpgsqlCommand(Listen, connection);
            await command.ExecuteNonQueryAsync(ct);
            return new(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when something changed; throws when the connection is lost.</summary>
    public Task WaitAsync(CancellationToken ct) => connection.WaitAsync(ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
