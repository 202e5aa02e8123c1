using System.Data;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using McpShield.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace McpShield.Bench;

/// <summary>The least that somebody could write by hand: read three members, write in groups, answer.</summary>
internal sealed class IngestFloor : IAsyncDisposable
{
    private const string Columns = "(id, project_id, event_id, event_type, tool_name, decision, timestamp, received_at, audited_at)";
    private static readonly Guid Project = new("01939000-0000-7000-8000-00000000beef");
    private static int made;

    private readonly NpgsqlDataSource? postgres;
    private readonly SqliteConnection? sqlite;
    private readonly Channel<(string Event, string Tool, TaskCompletionSource Done)> queue = Channel.CreateUnbounded<(string, string, TaskCompletionSource)>(new() { SingleReader = true });
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly HashSet<string> keys = new(StringComparer.Ordinal) { "" };
    private WebApplication? app;

    private IngestFloor(ShieldDatabase database, string directory)
    {
        postgres = database.Postgres;
        if (postgres is null) sqlite = new($"Data Source={Path.Combine(directory, "floor.db")}");
    }

    public Uri Ingest => new(new Uri(app!.Urls.First()), "/ingest");

    public Uri KeyCheck => new(new Uri(app!.Urls.First()), "/key");

    public static async Task<IngestFloor> StartAsync(ShieldDatabase database, string directory)
    {
        const string Table =
            """
            CREATE TABLE floor_events (id UUID NOT NULL PRIMARY KEY, project_id UUID NOT NULL, event_id TEXT NOT NULL, event_type TEXT NOT NULL, tool_name TEXT, decision TEXT,
                timestamp TIMESTAMPTZ NOT NULL, received_at TIMESTAMPTZ NOT NULL, audited_at TIMESTAMPTZ);
            CREATE UNIQUE INDEX floor_named ON floor_events (project_id, event_id);
            CREATE INDEX floor_timed ON floor_events (project_id, timestamp);
            CREATE INDEX floor_unaudited ON floor_events (id) WHERE audited_at IS NULL;
            """;
        var floor = new IngestFloor(database, directory);
        if (floor.postgres is { } source)
        {
            await using var command = source.CreateCommand(Table);
            await command.ExecuteNonQueryAsync();
        }
        else
        {
            await floor.sqlite!.OpenAsync();
            await using var command = floor.sqlite.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL;" + Table;
            await command.ExecuteNonQueryAsync();
        }

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddLogging().AddRouting();
        floor.app = builder.Build();
        floor.app.UseRouting();
        floor.app.Map("/ingest", floor.IngestAsync);
        floor.app.Map("/key", floor.CheckKey);
        await floor.app.StartAsync();
        _ = Task.Run(floor.WriteAsync);
        return floor;
    }

    /// <summary>Rows a second, in bulk.</summary>
    public async Task<double> CopyAsync(TimeSpan slice)
    {
        var watch = Stopwatch.StartNew();
        var rows = 0;
        while (watch.Elapsed < slice)
        {
            await InsertAsync(Enumerable.Range(0, 5_000).Select(static _ => ($"c{Interlocked.Increment(ref made)}", "filesystem.read")).ToList());
            rows += 5_000;
        }

        return rows / watch.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await app!.DisposeAsync();
        if (sqlite is not null) await sqlite.DisposeAsync();
        writing.Dispose();
    }

    private Task CheckKey(HttpContext context)
    {
        context.Response.StatusCode = keys.Contains(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers["X-API-Key"].ToString())))) ? 500 : 202;
        return Task.CompletedTask;
    }

    private async Task IngestAsync(HttpContext context)
    {
        await CheckKey(context);
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Writer.TryWrite((body.RootElement.GetProperty("event_id").GetString()!, body.RootElement.GetProperty("tool").GetString()!, done));
        await done.Task;
    }

    private async Task WriteAsync()
    {
        while (await queue.Reader.WaitToReadAsync())
        {
            var batch = new List<(string Event, string Tool, TaskCompletionSource Done)>();
            while (batch.Count < 512 && queue.Reader.TryRead(out var next)) batch.Add(next);
            await InsertAsync(batch.ConvertAll(static one => (one.Event, one.Tool)));
            foreach (var one in batch) one.Done.TrySetResult();
        }
    }

    private async Task InsertAsync(List<(string Event, string Tool)> rows)
    {
        await writing.WaitAsync();
        try
        {
            if (postgres is null) Insert(rows);
            else await CopyAsync(postgres, rows);
        }
        finally
        {
            writing.Release();
        }
    }

    private static async Task CopyAsync(NpgsqlDataSource source, List<(string Event, string Tool)> rows)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var connection = await source.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync($"COPY floor_events {Columns} FROM STDIN (FORMAT BINARY)");
        foreach (var (name, tool) in rows)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(Guid.CreateVersion7(now), NpgsqlDbType.Uuid);
            await copy.WriteAsync(Project, NpgsqlDbType.Uuid);
            await copy.WriteAsync(name, NpgsqlDbType.Text);
            await copy.WriteAsync("policy_check", NpgsqlDbType.Text);
            await copy.WriteAsync(tool, NpgsqlDbType.Text);
            await copy.WriteAsync("allow", NpgsqlDbType.Text);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz);
            await copy.WriteNullAsync();
        }

        await copy.CompleteAsync();
    }

    private void Insert(List<(string Event, string Tool)> rows)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var transaction = sqlite!.BeginTransaction(IsolationLevel.Serializable);
        using var command = sqlite.CreateCommand();
        command.CommandText = $"INSERT INTO floor_events {Columns} VALUES (@i, @p, @e, 'policy_check', @t, 'allow', @n, @n, NULL)";
        command.Transaction = transaction;
        foreach (var name in (string[])["@i", "@p", "@e", "@t", "@n"]) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        foreach (var (name, tool) in rows)
        {
            (command.Parameters[0].Value, command.Parameters[1].Value, command.Parameters[2].Value, command.Parameters[3].Value, command.Parameters[4].Value) = (Guid.CreateVersion7(now), Project, name, tool, now.UtcTicks);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
