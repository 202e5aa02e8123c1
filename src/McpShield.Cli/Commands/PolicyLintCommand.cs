using System.CommandLine;
using System.Text.Json;
using McpShield.Policy.Analysis;
using McpShield.Policy.Language;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy lint FILE…</c></summary>
internal static class PolicyLintCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Policies.", Arity = ArgumentArity.OneOrMore };
        var tools = new Option<string?>("--tools") { Description = "A file with the qualified tools there are, a JSON array of names; patterns that match none are then named." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a finding, one a line." };
        var command = new ExampledCommand(
            "lint",
            "Tell what a policy allows and its author probably does not mean. Exit code 1 when there is something.",
            ["mcpshield policy lint policy.yaml", "mcpshield policy lint policies/*.yaml --tools tools.json"])
        {
            files, tools, json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(files), parsed.GetValue(tools), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, string? toolsFile, bool json)
    {
        var tools = toolsFile is null ? null : ReadTools(toolsFile);
        var count = 0;
        foreach (var file in files)
        {
            foreach (var finding in PolicyLint.Run(PolicyFiles.Read(file), tools))
            {
                count++;
                await Console.Out.WriteLineAsync(json ? Json(file, finding) : PolicyFiles.Show(file, finding));
            }
        }

        await Console.Error.WriteLineAsync(count == 0 ? "Nothing to say." : $"{count} finding{(count == 1 ? "" : "s")}");
        return count == 0 ? ExitCodes.Done : ExitCodes.No;
    }

    private static List<string> ReadTools(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(PolicyFiles.Read(file));
            return [.. document.RootElement.EnumerateArray().Select(static item => item.GetString()!)];
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new CommandException(ExitCodes.Usage, $"`{file}` is not a JSON array of tool names");
        }
    }

    private static string Json(string file, Diagnostic finding) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteString("severity", finding.Severity is Severity.Error ? "error" : "warning");
        json.WriteString("code", finding.Code);
        json.WriteString("message", finding.Message);
        json.WriteNumber("line", finding.Line);
        json.WriteNumber("column", finding.Column);
        json.WriteString("hint", finding.Hint);
        json.WriteEndObject();
    });
}
