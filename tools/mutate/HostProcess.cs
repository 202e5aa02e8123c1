using System.Diagnostics;
using System.Globalization;

namespace McpShield.Mutate;

/// <summary>A process that asks the tests about one mutant after the other. When one ends it, another takes its place.</summary>
internal sealed class HostProcess(string program) : IDisposable
{
    private Process? process;

    /// <summary>Asks every test with no mutant awake, and writes down what each of them passes. What fails, or <c>null</c>.</summary>
    public static async Task<string?> SurveyAsync(string program)
    {
        using var survey = Start(program, "--survey");
        var said = await survey.StandardOutput.ReadLineAsync();
        await survey.WaitForExitAsync();
        return said is "ready" ? null : said ?? "the process ended";
    }

    /// <summary>What becomes of a mutant, and what noticed it.</summary>
    public async Task<(string Status, string By)> AskAsync(int mutant)
    {
        process ??= Start(program, "--host");
        await process.StandardInput.WriteLineAsync(mutant.ToString(CultureInfo.InvariantCulture));
        await process.StandardInput.FlushAsync();
        var (status, by, mayGoOn) = Parse(await process.StandardOutput.ReadLineAsync());
        if (!mayGoOn) End();
        if (status != "fresh") return (status, by);

        // What is worked out once is worked out before the mutant wakes, so it has a process of its own.
        using var own = Start(program, "--fresh", mutant.ToString(CultureInfo.InvariantCulture));
        (status, by, _) = Parse(await own.StandardOutput.ReadLineAsync());
        if (!own.HasExited) own.Kill(entireProcessTree: true);
        return (status, by);
    }

    public void Dispose() => End();

    private static (string Status, string By, bool MayGoOn) Parse(string? said) =>
        said?.Split('\t') is [var status, var by, var mayGoOn] ? (status, by, mayGoOn == "on") : ("killed", "the process ended", false);

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments.Prepend(program)) start.ArgumentList.Add(argument);
        start.Environment["MCPSHIELD_DIFFERENTIAL_PAIRS"] = "5000";
        start.Environment["CsCheck_Iter"] = "20";
        start.Environment["CsCheck_Threads"] = "1";
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x60000000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        var started = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started");
        started.ErrorDataReceived += static (_, _) => { };
        started.BeginErrorReadLine();
        return started;
    }

    private void End()
    {
        if (process is null) return;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
        process = null;
    }
}
