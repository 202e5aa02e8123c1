using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using McpShield.Data;
using McpShield.Data.Projects;
using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace McpShield.Bench;

/// <summary>
/// <c>POST /events/ingest</c>, answered after the commit, beside floors in the same run: an endpoint by hand that does nothing but read and write in groups,
/// one that only checks a key, and rows copied into a table of the same indexes by nobody's request.
/// </summary>
internal static class IngestLoad
{
    private const int Connections = 64;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1.5);
    private static int made;

    public static async Task RunAsync(int rounds)
    {
        Console.WriteLine("| database | duty | per second (median) | ÷ its floor |");
        Console.WriteLine("| --- | --- | --- | --- |");
        await RunAsync("SQLite", new(StringComparer.Ordinal), rounds);
        var server = await PostgresServer.StartAsync(isDurable: true);
        var database = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        await RunAsync("PostgreSQL", new(StringComparer.Ordinal)
        {
            ["DB_HOST"] = database.Host!,
            ["DB_PORT"] = database.Port.ToString(CultureInfo.InvariantCulture),
            ["DB_NAME"] = database.Database!,
            ["DB_USER"] = database.Username!,
        }, rounds);
    }

    private static async Task RunAsync(string name, Dictionary<string, string> variables, int rounds)
    {
        var directory = Directory.CreateTempSubdirectory("mcpshield-bench-").FullName;
        await using var shield = await ShieldHost.StartAsync(new(directory, new("http://127.0.0.1:0"), "0", TimeProvider.System, ShieldSettings.Read(variables)), NullLoggerFactory.Instance, CancellationToken.None);
        var database = shield.Services.GetRequiredService<ShieldDatabase>();
        var keys = await KeysAsync(database);
        await using var floor = await IngestFloor.StartAsync(database, directory);
        var ingest = new Uri(shield.Url, "/events/ingest");

        Func<Task<double>>[] turns =
        [
            () => LoadAsync(ingest, keys, 1),
            () => LoadAsync(floor.Ingest, keys, 1),
            () => LoadAsync(floor.KeyCheck, keys, 1),
            () => LoadAsync(ingest, keys, 100),
            () => floor.CopyAsync(Slice),
        ];
        foreach (var turn in turns) await turn(); // warm
        var results = turns.Select(static _ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < turns.Length; i++) results[i].Add(await turns[i]());
        }

        Tell(name, "one event a request, answered after commit", results[0], results[1]);
        Tell(name, "floor: by hand, group commit, no counters and no audit", results[1], results[1]);
        Tell(name, "floor: a key is checked, nothing is written", results[2], results[2]);
        Tell(name, "rows, 100 events a request", results[3], results[4]);
        Tell(name, "floor: rows in bulk, 5,000 a commit, same indexes", results[4], results[4]);
    }

    private static void Tell(string name, string duty, List<double> mine, List<double> floor) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {duty} | {Median(mine):0} | {Median(mine.Zip(floor, static (one, other) => one / other)):0.00} |"));

    // A key may ask two thousand times a second; so each connection has its own.
    private static async Task<string[]> KeysAsync(ShieldDatabase database)
    {
        await using var db = database.Open();
        var now = TimeProvider.System.GetUtcNow();
        var project = await db.Projects.Select(static one => one.Id).FirstAsync();
        var keys = Enumerable.Range(0, Connections).Select(static _ => ApiKeySecret.Create()).ToArray();
        db.AddRange(keys.Select(key => new ApiKey { Id = Guid.CreateVersion7(now), ProjectId = project, KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Agent = "bench", CreatedAt = now }));
        await db.SaveChangesAsync();
        await Task.Delay(TimeSpan.FromSeconds(2)); // until the server has heard of them
        return keys;
    }

    private static async Task<double> LoadAsync(Uri url, string[] keys, int events)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Connections };
        using var http = new HttpClient(handler);
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(keys.Select(key => Task.Run(async () =>
        {
            var done = 0;
            while (clock.Elapsed < Slice)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Body(events)) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                request.Headers.TryAddWithoutValidation("X-API-Key", key);
                using var response = await http.SendAsync(request);
                if ((int)response.StatusCode != 202) throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
                await response.Content.ReadAsByteArrayAsync();
                done += events;
            }

            return done;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static byte[] Body(int events)
    {
        if (events == 1) return Encoding.UTF8.GetBytes(One());
        return Encoding.UTF8.GetBytes($"{{\"events\":[{string.Join(',', Enumerable.Range(0, events).Select(static _ => One()))}]}}");
    }

    private static string One() => string.Create(CultureInfo.InvariantCulture, $$"""{"tool":"filesystem.read","decision":"allow","event_id":"e{{Interlocked.Increment(ref made)}}"}""");

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}
