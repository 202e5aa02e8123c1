using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace McpShield.Testing;

/// <summary>A real PostgreSQL server of this test process: in a temporary folder, on a free port, gone when the process is.</summary>
public sealed class PostgresServer
{
    private static readonly Lazy<Task<PostgresServer>> OfProcess = new(static () => StartAsync(isDurable: false));
    private static int databases;

    private readonly string binaries;
    private readonly int port;
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> templates = [];

    private PostgresServer(string binaries, int port) => (this.binaries, this.port) = (binaries, port);

    /// <summary>Where the server writes what it has to say.</summary>
    public string Log { get; private init; } = "";

    /// <summary>The one that tests share; it forgets everything when the machine does, and is fast for it.</summary>
    public static Task<PostgresServer> SharedAsync() => OfProcess.Value;

    /// <summary>A server of its own; a durable one waits for the disk as a real one does. More settings are written <c>-c name=value</c>.</summary>
    public static async Task<PostgresServer> StartAsync(bool isDurable, string moreSettings = "")
    {
        var folder = Directory.CreateTempSubdirectory("mcpshield-postgres-").FullName;
        var server = new PostgresServer(FindBinaries(), FreePort.Next()) { Log = $"{folder}/log" };
        if (IsRoot) await RunAsync("chown", ["postgres", folder]);
        await server.RunOwnAsync("initdb", ["-D", $"{folder}/data", "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]);
        var settings = string.Create(CultureInfo.InvariantCulture, $"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=200 {moreSettings}");
        if (!isDurable) settings += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off";
        await server.RunOwnAsync("pg_ctl", ["-D", $"{folder}/data", "-w", "-s", "-l", $"{folder}/log", "-o", settings, "start"]);
        server.EndWithProcess(folder);
        return server;
    }

    /// <summary>The connection string of a fresh, empty database.</summary>
    public Task<string> CreateDatabaseAsync() => CreateAsync(template: null);

    /// <summary>The connection string of a fresh database made as <paramref name="migrate"/> makes it; it runs once a <paramref name="name"/>, the rest are copies.</summary>
    public async Task<string> CreateDatabaseAsync(string name, Func<string, Task> migrate)
    {
        var template = await templates.GetOrAdd(name, _ => new(async () =>
        {
            var made = await CreateAsync(template: null);
            await migrate(made);
            return made;
        })).Value;
        return await CreateAsync(NameOf(template));
    }

    private static bool IsRoot => Environment.UserName == "root";

    private static string NameOf(string connectionString) => connectionString.Split(';').Single(static part => part.StartsWith("Database=", StringComparison.Ordinal))["Database=".Length..];

    private async Task<string> CreateAsync(string? template)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        await RunOwnAsync("createdb", ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-T", template ?? "template0", name]);
        // No pool: a template must have no connections, and a test's database is soon forgotten.
        return string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=postgres;Database={name};Pooling=false");
    }

    private static string FindBinaries()
    {
        var found = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(static version => Path.Combine(version, "bin")).Where(static bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        return found ?? throw new InvalidOperationException("these tests need PostgreSQL: apt-get install postgresql, or run ./test once as root");
    }

    // PostgreSQL does not run as root.
    private Task RunOwnAsync(string program, IEnumerable<string> arguments) => IsRoot
        ? RunAsync("runuser", ["-u", "postgres", "--", Path.Combine(binaries, program), .. arguments])
        : RunAsync(Path.Combine(binaries, program), arguments);

    private static async Task RunAsync(string program, IEnumerable<string> arguments)
    {
        // The server inherits the streams and stays: nobody may wait for their end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null >/dev/null", "sh", program, .. arguments]) { WorkingDirectory = Path.GetTempPath(), UseShellExecute = false };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}");
    }

    // A test process that is killed says nothing; so a shell watches for its end.
    private void EndWithProcess(string folder)
    {
        const string Script = "while ps -p \"$1\" >/dev/null; do sleep 1; done; \"$2\" -D \"$3/data\" -m immediate -s stop; rm -rf \"$3\"";
        string[] watch = ["/bin/sh", "-c", Script, "sh", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Path.Combine(binaries, "pg_ctl"), folder];
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$@\" </dev/null >/dev/null 2>&1 &", "sh", .. IsRoot ? ["runuser", "-u", "postgres", "--", .. watch] : watch]) { WorkingDirectory = Path.GetTempPath() };
        using var process = Process.Start(start);
        process!.WaitForExit();
    }
}
