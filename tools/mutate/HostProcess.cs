using System.Diagnostics;
using System.Globalization;

namespace McpShield.Mutate;

/// <summary>A process that asks the tests. One that does not come back is ended, and another takes its place.</summary>
internal sealed class HostProcess(string program) : IDisposable
{
    // Many times what all tests take; a mutant that loops for ever is noticed by it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private Process? process;

    public async Task<(string Status, string By)> AskAsync(int mutant)
    {
        process ??= await StartAsync();
        await process.StandardInput.WriteLineAsync(mutant.ToString(CultureInfo.InvariantCulture));
        await process.StandardInput.FlushAsync();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var answer = await process.StandardOutput.ReadLineAsync(patience.Token);
            if (answer is "-") return ("survived", "");
            if (answer is not null) return ("killed", answer);
            End();
            return ("killed", "the process ended");
        }
        catch (OperationCanceledException)
        {
            End();
            return ("timed-out", "");
        }
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
