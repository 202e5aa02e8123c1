using System.Diagnostics;
using System.Globalization;

namespace McpShield.Mutate;

/// <summary>A process that asks the tests. One that does not come back is ended, and another takes its place.</summary>
internal sealed class HostProcess(string program) : IDisposable
{
    // So many times what all tests take with no mutant awake, in time of the processor: a busy machine must not look like a loop without end.
    private const int Patience = 5;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private Process? process;
    private TimeSpan budget;

    public async Task<(string Status, string By)> AskAsync(int mutant)
    {
        process ??= await StartAsync();
        var used = process.TotalProcessorTime;
        await process.StandardInput.WriteLineAsync(mutant.ToString(CultureInfo.InvariantCulture));
        await process.StandardInput.FlushAsync();
        var answering = process.StandardOutput.ReadLineAsync();
        while (await Task.WhenAny(answering, Task.Delay(Look)) != answering)
        {
            process.Refresh();
            if (process.HasExited || process.TotalProcessorTime - used < budget) continue;
            End();
            return ("timed-out", "");
        }

        var answer = await answering;
        if (answer is "-") return ("survived", "");
        if (answer is not null) return ("killed", answer);
        End();
        return ("killed", "the process ended");
    }

    public void Dispose() => End();

    private async Task<Process> StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { program, "--host" }) start.ArgumentList.Add(argument);
        start.Environment["MCPSHIELD_DIFFERENTIAL_PAIRS"] = "5000";
        var started = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started");
        started.ErrorDataReceived += static (_, _) => { };
        started.BeginErrorReadLine();
        var said = await started.StandardOutput.ReadLineAsync();
        started.Refresh();
        budget = started.TotalProcessorTime * Patience;
        return said is "ready" ? started : throw new InvalidOperationException($"the tests fail without any mutant awake: {said}");
    }

    private void End()
    {
        if (process is null) return;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
        process = null;
    }
}
