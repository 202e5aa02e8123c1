using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace McpShield.Testing;

/// <summary>What a program that has ended said, and its exit code.</summary>
public sealed record Ended(int ExitCode, string Output, string Errors);

/// <summary>A program of the operating system that a test talks to.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly Task reading;

    private RunningProgram(Process process)
    {
        this.process = process;
        reading = Task.WhenAll(ReadAsync(process.StandardOutput, output, lines.Writer), ReadAsync(process.StandardError, errors, null));
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    public static RunningProgram Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? directory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = directory ?? Path.GetTempPath(),
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        return new(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Runs a program to its end, with nothing on its standard input unless <paramref name="input"/> is given.</summary>
    public static async Task<Ended> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct, IReadOnlyDictionary<string, string?>? environment = null, string? directory = null, string? input = null)
    {
        await using var running = Start(program, arguments, environment, directory);
        if (input is not null) await running.SendAsync(input);
        running.CloseInput();
        return await running.EndAsync(ct);
    }

    public async Task SendAsync(string text)
    {
        await process.StandardInput.WriteAsync(text);
        await process.StandardInput.FlushAsync();
    }

    public void CloseInput() => process.StandardInput.Close();

    /// <summary>The next line of standard output; fails with what the program said when there is none.</summary>
    public async Task<string> ReadLineAsync(CancellationToken ct)
    {
        try
        {
            return await lines.Reader.ReadAsync(ct);
        }
        catch (ChannelClosedException ended)
        {
            throw new InvalidOperationException($"the program ended with code {process.ExitCode}: {Errors}", ended);
        }
    }

    /// <summary>Reads lines until one holds <paramref name="text"/>, and returns everything read.</summary>
    public async Task<string> ReadUntilAsync(string text, CancellationToken ct)
    {
        var read = new StringBuilder();
        while (true)
        {
            var line = await ReadLineAsync(ct);
            read.AppendLine(line);
            if (line.Contains(text, StringComparison.Ordinal)) return read.ToString();
        }
    }

    public async Task<Ended> EndAsync(CancellationToken ct)
    {
        await process.WaitForExitAsync(ct);
        await reading.WaitAsync(ct);
        return new(process.ExitCode, output.ToString(), Errors);
    }

    /// <summary>Asks it to end, as a service manager would.</summary>
    public async Task<Ended> TerminateAsync(CancellationToken ct)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"kill -TERM {Id}")]);
        return await EndAsync(ct);
    }

    /// <summary>kill -9, with no word of warning.</summary>
    public async Task KillAsync(CancellationToken ct)
    {
        process.Kill();
        await process.WaitForExitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder all, ChannelWriter<string>? lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (all) all.AppendLine(line);
            lines?.TryWrite(line);
        }

        lines?.TryComplete();
    }
}
