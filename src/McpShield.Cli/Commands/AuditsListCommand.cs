using System.CommandLine;
using System.Globalization;
using McpShield.Audit;
using McpShield.Data;
using McpShield.Data.Audits;
using Spectre.Console;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield audits list</c></summary>
internal static class AuditsListCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = $"The data directory of `mcpshield up`. Default: {DataDirectory.Variable}, else {DataDirectory.Default}." };
        var file = new Option<string?>("--file") { Description = "The audit file of `mcpshield run`, or a directory of such files." };
        var limit = new Option<int>("--limit") { Description = "How many entries, 1 to 200.", DefaultValueFactory = static _ => 50 };
        var decision = new Option<string?>("--decision") { Description = "Only this decision." };
        decision.AcceptOnlyFromAmong("allow", "deny", "approve");
        var tool = new Option<string?>("--tool") { Description = "Only this tool, for instance sample.query." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document a line." };
        var command = new ExampledCommand("list", "Show decisions, newest first, with rule, reason and outcome.", ["mcpshield audits list", "mcpshield audits list --decision deny --limit 10", "mcpshield audits list --file audit.jsonl --json"]) { data, file, limit, decision, tool, json };
        command.SetAction(async (parsed, ct) =>
        {
            var count = parsed.GetValue(limit);
            if (count is < 1 or > 200) throw new CommandException(ExitCodes.Usage, "--limit is 1 to 200");
            var filter = new AuditFilter(count, parsed.GetValue(decision), parsed.GetValue(tool));
            if (parsed.GetValue(data) is not null && parsed.GetValue(file) is not null) throw new CommandException(ExitCodes.Usage, "name either --data or --file");
            var entries = await ReadAsync(parsed.GetValue(data), parsed.GetValue(file), filter, ct);
            if (parsed.GetValue(json))
            {
                foreach (var entry in entries) await Console.Out.WriteLineAsync(Json(entry));
            }
            else
            {
                Show(entries);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<AuditEntry>> ReadAsync(string? data, string? file, AuditFilter filter, CancellationToken ct)
    {
        try
        {
            if (file is null) return await FromDatabaseAsync(DataDirectory.Choose(data), filter, ct);
            if (!Directory.Exists(file)) return File.Exists(file) ? AuditFileReader.List(file, filter) : throw NotThere($"there is no audit file `{file}`");
            return
            [
                .. Directory.EnumerateFiles(file, "*.jsonl").SelectMany(one => AuditFileReader.List(one, filter))
                    .OrderByDescending(static entry => entry.Time).Take(filter.Limit),
            ];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException or System.Data.Common.DbException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read the audit log: {failure.Message}");
        }
    }

    private static async Task<IReadOnlyList<AuditEntry>> FromDatabaseAsync(string directory, AuditFilter filter, CancellationToken ct)
    {
        if (!File.Exists(SqliteFiles.Audit(directory)))
        {
            throw NotThere($"there is no audit log in `{directory}`; name the data directory of `mcpshield up` with --data, or the file of `mcpshield run` with --file");
        }

        var query = new AuditQuery { Scope = AuditScope.Operator, Kind = "decision", Decision = filter.Decision, Tool = filter.Tool, Limit = filter.Limit };
        return (await SqliteAuditReader.Open(directory).ListAsync(query, ct)).Entries;
    }

    private static CommandException NotThere(string what) => new(ExitCodes.Unreachable, what);

    private static void Show(IReadOnlyList<AuditEntry> entries)
    {
        if (entries.Count == 0)
        {
            Console.Error.WriteLine("No decisions yet.");
            return;
        }

        // In a pipe there is no screen to fit into: lines stay whole.
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("time (UTC)", "decision", "tool", "rule", "why", "outcome", "agent");
        foreach (var entry in entries)
        {
            table.AddRow(
                new Text(entry.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)),
                new Text(entry.IsShadow ? $"{entry.Decision} (shadow)" : entry.Decision ?? "", new Style(entry.Decision switch { "allow" => Color.Green, "deny" => Color.Red, _ => Color.Yellow })),
                Cell(entry.Tool ?? entry.Method),
                Cell(entry.Rule),
                Cell(entry.Message ?? entry.Reason),
                Cell(Outcome(entry)),
                Cell(entry.Agent));
        }

        AnsiConsole.Write(table);
    }

    // THREAT: names come from agents and servers; an escape sequence in one would speak to the terminal of whoever looks.
    private static Text Cell(string? text) => new(text is null ? "–" : string.Concat(text.Select(static character => char.IsControl(character) ? '\uFFFD' : character)));

    private static string Outcome(AuditEntry entry) => entry switch
    {
        { Status: { } status, DurationMicroseconds: { } duration } => string.Create(CultureInfo.InvariantCulture, $"{status}, {duration / 1000.0:0.0} ms"),
        { Decision: "allow" } => "no end on record",
        _ => "not forwarded",
    };

    private static string Json(AuditEntry entry) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("call_id", entry.CallId);
        json.WriteString("time", entry.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("decision", entry.Decision);
        json.WriteString("tool", entry.Tool);
        json.WriteString("method", entry.Method);
        json.WriteString("rule", entry.Rule);
        json.WriteString("reason", entry.Reason);
        json.WriteString("message", entry.Message);
        json.WriteString("mode", entry.IsShadow ? "shadow" : "enforce");
        json.WriteStartArray("shadow");
        foreach (var match in entry.Shadows) json.WriteStringValue(match);
        json.WriteEndArray();
        json.WriteStartArray("codes");
        foreach (var code in entry.Codes) json.WriteStringValue(code);
        json.WriteEndArray();
        json.WriteString("agent", entry.Agent);
        json.WriteString("key", entry.Key);
        if (entry.ProjectId is { } project) json.WriteString("project_id", project);
        json.WriteString("status", entry.Status);
        if (entry.DurationMicroseconds is { } duration) json.WriteNumber("duration_us", duration);
        json.WriteEndObject();
    });
}
