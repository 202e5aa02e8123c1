using System.CommandLine;
using System.Globalization;
using McpShield.Cli.Api;
using McpShield.Contracts;
using Spectre.Console;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield usage</c></summary>
internal static class UsageCommand
{
    public static Command Create()
    {
        var days = new Option<int>("--days") { Description = "How many days, 1 to 366.", DefaultValueFactory = static _ => 30 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var api = ApiSession.UrlOption();
        var command = new ExampledCommand("usage", "Show the events of the last days, and where the month stands against the plan.", ["mcpshield usage", "mcpshield usage --days 7", "mcpshield usage --json"]) { days, json, api };
        command.SetAction((parsed, ct) =>
        {
            var count = parsed.GetValue(days);
            if (count is < 1 or > 366) throw new CommandException(ExitCodes.Usage, "--days is 1 to 366");
            return ApiSession.RunAsync(parsed.GetValue(api), async shield =>
            {
                var usage = await shield.Usage.SummaryAsync(ct, count);
                if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize(usage, UsageJson.Default.UsageSummaryResponse));
                else Show(usage);
                return ExitCodes.Done;
            });
        });
        return command;
    }

    private static void Show(UsageSummaryResponse usage)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("project", "events");
        foreach (var project in usage.Projects) table.AddRow(Cell(project.Name ?? "(deleted)"), Number(project.EventCount));
        AnsiConsole.Write(table);

        table = new Table { Border = TableBorder.Simple };
        table.AddColumns("tool", "events", "denied");
        foreach (var tool in usage.Tools) table.AddRow(Cell(tool.ToolName.Length == 0 ? "(none)" : tool.ToolName), Number(tool.EventCount), Number(tool.Denied));
        AnsiConsole.Write(table);

        var (sum, month) = (usage.Decisions, usage.Month);
        var text = CultureInfo.InvariantCulture;
        Console.Out.WriteLine(string.Create(text, $"{usage.From:yyyy-MM-dd} to {usage.To:yyyy-MM-dd}: {usage.Total:N0} events, {sum.Allow:N0} allowed, {sum.Deny:N0} denied, {sum.Approve:N0} to approve, {usage.Infrastructure:N0} of databases"));
        Console.Out.WriteLine(month.Limit is { } limit
            ? string.Create(text, $"{month.Month}: {month.EventCount:N0} of {limit:N0} events of the {month.Plan} plan ({month.Percent:0.#} %), until {month.ResetsAt:yyyy-MM-dd}")
            : string.Create(text, $"{month.Month}: {month.EventCount:N0} events, no limit in the {month.Plan} plan"));
        if (month.LimitReachedOn is { } reached) Console.Out.WriteLine(string.Create(text, $"at this pace the limit is reached on {reached:yyyy-MM-dd}"));
    }

    private static Text Number(long count) => new(count.ToString("N0", CultureInfo.InvariantCulture));

    // THREAT: names come from agents; an escape sequence in one would speak to the terminal of whoever looks.
    private static Text Cell(string text) => new(string.Concat(text.Select(static character => char.IsControl(character) ? '\uFFFD' : character)));
}
