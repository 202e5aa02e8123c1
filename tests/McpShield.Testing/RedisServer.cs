using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace McpShield.Testing;

/// <summary>A real Redis on a port of its own, in a folder that goes with it.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisServer>> One = new(StartAsync);

    private readonly RunningProgram program;
    private readonly TemporaryFolder folder;

    private RedisServer(RunningProgram program, TemporaryFolder folder, int port) => (this.program, this.folder, Port) = (program, folder, port);

    public static string Host => "127.0.0.1";

    public int Port { get; }

    /// <summary>The one that all tests of this process share; each test uses names of its own.</summary>
    public static Task<RedisServer> SharedAsync() => One.Value;

    /// <summary>One for a test that stops it.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        var folder = new TemporaryFolder();

        // Between finding a free port and listening on it another program may take it.
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var port = FreePort.Next();
            var program = Start(port, folder);
            var id = program.Id;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill(id);
            if (await ListensAsync(program, port)) return new(program, folder, port);
            await program.DisposeAsync();
        }

        throw new InvalidOperationException("redis-server does not start");
    }

    /// <summary>Stops it at once, as a crash would.</summary>
    public Task KillAsync(CancellationToken ct) => program.KillAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        folder.Dispose();
    }

    private static RunningProgram Start(int port, TemporaryFolder folder)
    {
        try
        {
            return RunningProgram.Start("redis-server", ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", Host, "--save", "", "--appendonly", "no", "--dir", folder.Path]);
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("these tests need redis-server: apt-get install -y --no-install-recommends redis-server", missing);
        }
    }

    private static async Task<bool> ListensAsync(RunningProgram program, int port)
    {
        while (!program.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(Host, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }

    private static void Kill(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
        catch (InvalidOperationException)
        {
            // It has ended in this moment.
        }
    }
}
