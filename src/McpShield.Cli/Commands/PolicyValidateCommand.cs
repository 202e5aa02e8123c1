using System.CommandLine;
using McpShield.Policy.Language;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield policy validate FILE</c></summary>
internal static class PolicyValidateCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The policy, YAML." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new ExampledCommand("validate", "Tell errors and warnings of a policy, with line and column.", ["mcpshield policy validate policy.yaml", "mcpshield policy validate policy.yaml --json"]) { file, json };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string file, bool json)
    {
        var loaded = PolicyLoader.Load(PolicyFiles.Read(file));
        if (json)
        {
            await Console.Out.WriteLineAsync(Json(file, loaded));
        }
        else
        {
            foreach (var diagnostic in loaded.Diagnostics) await Console.Out.WriteLineAsync(PolicyFiles.Show(file, diagnostic));
            var errors = loaded.Diagnostics.Count(static item => item.Severity is Severity.Error);
            await Console.Error.WriteLineAsync(loaded.Policy is { } policy
                ? $"{file}: valid, {Count(policy.RuleCount, "rule")}{(loaded.Diagnostics.Length == 0 ? "" : $", {Count(loaded.Diagnostics.Length, "warning")}")}"
                : $"{file}: not valid, {Count(errors, "error")}");
        }

        return loaded.Policy is null ? ExitCodes.No : ExitCodes.Done;
    }

    private static string Json(string file, PolicyLoadResult loaded) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteBoolean("valid", loaded.Policy is not null);
        json.WriteString("hash", loaded.Policy?.Hash);
        json.WriteStartArray("diagnostics");
        foreach (var item in loaded.Diagnostics)
        {
            json.WriteStartObject();
            json.WriteString("severity", item.Severity is Severity.Error ? "error" : "warning");
            json.WriteString("code", item.Code);
            json.WriteString("message", item.Message);
            json.WriteNumber("line", item.Line);
            json.WriteNumber("column", item.Column);
            if (item.Hint is not null) json.WriteString("hint", item.Hint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
