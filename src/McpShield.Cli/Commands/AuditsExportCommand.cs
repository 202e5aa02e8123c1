using System.CommandLine;
using McpShield.Cli.Api;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield audits export</c></summary>
internal static class AuditsExportCommand
{
    public static Command Create()
    {
        var api = ApiSession.UrlOption();
        var format = new Option<string>("--format") { Description = "jsonl or csv.", DefaultValueFactory = static _ => "jsonl" };
        format.AcceptOnlyFromAmong("jsonl", "csv");
        var output = new Option<string?>("--output") { Description = "The file to write, readable by you alone. Default: standard output." };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Not before this moment." };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Before this moment." };
        var project = new Option<Guid?>("--project") { Description = "Only this project, by its id." };
        var decision = new Option<string?>("--decision") { Description = "Only this decision." };
        decision.AcceptOnlyFromAmong("allow", "deny", "approve");
        var command = new ExampledCommand("export", "Download the audit log, oldest first. The download itself is on record.", ["mcpshield audits export --output audits.jsonl", "mcpshield audits export --format csv --decision deny --from 2026-11-01T00:00:00Z"]) { api, format, output, from, to, project, decision };
        command.SetAction((parsed, ct) => ApiSession.RunAsync(parsed.GetValue(api), async shield =>
        {
            await using var entries = await shield.Audits.ExportAsync(new(parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(decision), parsed.GetValue(project)), parsed.GetRequiredValue(format), ct);
            await using var target = Target(parsed.GetValue(output));
            await entries.CopyToAsync(target, ct);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Stream Target(string? path)
    {
        try
        {
            return path is null ? Console.OpenStandardOutput() : Audit.PrivateFile.Create(path, FileMode.Create, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot write `{path}`: {failure.Message}");
        }
    }
}
