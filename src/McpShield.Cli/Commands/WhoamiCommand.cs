using System.CommandLine;
using System.Text.Json;
using McpShield.Cli.Api;
using McpShield.Contracts;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield whoami [--api URL] [--json]</c></summary>
internal static class WhoamiCommand
{
    public static Command Create()
    {
        var api = ApiSession.UrlOption();
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new ExampledCommand("whoami", "Show who is signed in, and in which organizations.", ["mcpshield whoami", "mcpshield whoami --json"]) { api, json };
        command.SetAction((parsed, ct) => ApiSession.RunAsync(parsed.GetValue(api), async client =>
        {
            var me = await client.Me.GetAsync(ct);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(me, MeJson.Default.MeResponse) : Text(me));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static string Text(MeResponse me) =>
        $"{me.FirstName} {me.LastName} <{me.Email}>\nplan {me.Plan}{string.Concat(me.Organizations.Select(static one => $"\n{one.Role,-9} {one.Name}"))}";
}
