using System.CommandLine;
using System.Text.Json;
using McpShield.Cli.Api;
using McpShield.Contracts;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield audits tail</c></summary>
internal static class AuditsTailCommand
{
    public static Command Create()
    {
        var api = ApiSession.UrlOption();
        var project = new Option<Guid?>("--project") { Description = "Only this project, by its id." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document a line." };
        var command = new ExampledCommand("tail", "Follow decisions and actions as they happen, until Ctrl+C.", ["mcpshield audits tail", "mcpshield audits tail --json | jq .tool_name"]) { api, project, json };
        command.SetAction((parsed, ct) => ApiSession.RunAsync(parsed.GetValue(api), async shield =>
        {
            // A stream ends with the access token that opened it; the session gets the next one.
            while (!ct.IsCancellationRequested)
            {
                await foreach (var entry in shield.Audits.StreamAsync(ct, parsed.GetValue(project)))
                {
                    await Console.Out.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(entry, AuditsJson.Default.AuditResponse) : AuditLines.Of(entry));
                }
            }

            return ExitCodes.Done;
        }));
        return command;
    }
}
