using System.CommandLine;
using McpShield.Policy.Analysis;
using Spectre.Console;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy mutate FILE…</c></summary>
internal static class PolicyMutateCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Policies with tests, files of tests, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var threshold = new Option<int>("--threshold") { Description = "How many of a hundred changes the tests must notice.", DefaultValueFactory = static _ => 100 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new ExampledCommand(
            "mutate",
            "Change a policy in small ways that open it, and tell which changes its tests do not notice. Exit code 1 when they notice too few.",
            ["mcpshield policy mutate policy.yaml", "mcpshield policy mutate policies/ --threshold 90"])
        {
            files, threshold, json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(files), parsed.GetValue(threshold), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, int threshold, bool json)
    {
        if (threshold is < 0 or > 100) throw new CommandException(ExitCodes.Usage, "--threshold is a number from 0 to 100");
        var suites = await PolicySuite.FindAsync(files);
        var all = new List<(string Path, Mutant Mutant)>();
        foreach (var suite in suites.OfType<PolicySuite>())
        {
            await Console.Error.WriteLineAsync($"{suite.Path}: changing it, {suite.Tests.Length} tests …");
            all.AddRange(PolicyMutation.Run(suite.Text, suite.Tests.Select(static one => one.Test)).Select(mutant => (suite.Path, mutant)));
        }

        var survivors = all.Where(static one => !one.Mutant.IsKilled).ToList();
        if (json) await Console.Out.WriteLineAsync(Json(all.Count, survivors));
        else foreach (var (path, mutant) in survivors) AnsiConsole.Console.Profile.Out.Writer.WriteLine($"{path}:{mutant.Line}:{mutant.Column}: no test notices when {mutant.What}");

        var score = all.Count == 0 ? 0 : (all.Count - survivors.Count) * 100 / all.Count;
        await Console.Error.WriteLineAsync(all.Count == 0 ? "Nothing to change." : $"{all.Count - survivors.Count} of {all.Count} changes noticed, {score} %");
        return all.Count > 0 && score >= threshold && suites.All(static suite => suite is not null) ? ExitCodes.Done : ExitCodes.No;
    }

    private static string Json(int count, List<(string Path, Mutant Mutant)> survivors) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("mutants", count);
        json.WriteNumber("killed", count - survivors.Count);
        json.WriteStartArray("survivors");
        foreach (var (path, mutant) in survivors)
        {
            json.WriteStartObject();
            json.WriteString("policy", path);
            json.WriteNumber("line", mutant.Line);
            json.WriteNumber("column", mutant.Column);
            json.WriteString("change", mutant.What);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
