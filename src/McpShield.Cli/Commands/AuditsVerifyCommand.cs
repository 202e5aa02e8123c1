using System.CommandLine;
using System.Globalization;
using McpShield.Audit;
using McpShield.Cli.Api;
using McpShield.Cli.Operator;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;

namespace McpShield.Cli.Commands;

/// <summary><c>mcpshield audits verify</c></summary>
internal static class AuditsVerifyCommand
{
    public static Command Create()
    {
        var api = ApiSession.UrlOption();
        var data = new Option<string?>("--data") { Description = "Check the whole log of `mcpshield up`: in this data directory or, where DB_HOST is set, on that server." };
        var file = new Option<string?>("--file") { Description = "Check the audit file of `mcpshield run`." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new ExampledCommand("verify", "Recompute the hash chain and say whether every record is as it was written. Without --data or --file the control plane checks your organization's records.", ["mcpshield audits verify", "mcpshield audits verify --data ./mcpshield-data", "mcpshield audits verify --file audit.jsonl"]) { api, data, file, json };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(data) is not null && parsed.GetValue(file) is not null) throw new CommandException(ExitCodes.Usage, "name either --data or --file");
            var found = parsed.GetValue(file) is { } path ? OfFile(path)
                : parsed.GetValue(data) is { } directory ? await OfServerAsync(directory, ct)
                : await OfApiAsync(parsed.GetValue(api), ct);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json(found) : Words(found));
            return found.Problem is null ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static async Task<Found> OfApiAsync(string? api, CancellationToken ct)
    {
        using var session = ApiSession.Open(api);
        var answer = await ApiSession.ExplainAsync(session.Url, () => session.Api.Audits.VerifyAsync(ct));
        return new(answer.Streams, answer.Records, answer.Unsealed, answer.Fault is { } fault ? Words(fault.Stream, fault.Seq, fault.Problem) : answer.Holds ? null : "the control plane does not say where");
    }

    private static async Task<Found> OfServerAsync(string directory, CancellationToken ct)
    {
        try
        {
            var server = OperatorDatabase.Settings().Postgres;
            if (server is null && !File.Exists(SqliteFiles.Audit(directory))) throw new CommandException(ExitCodes.Unreachable, $"there is no audit log in `{directory}`");
            await using var database = server is null ? null : ShieldDatabase.OnServer(server);
            AuditReader reader = database?.Postgres is { } source ? PostgresAuditReader.Open(source) : SqliteAuditReader.Open(directory);
            var found = await reader.VerifyAsync(organization: null, ct);
            return new(found.Streams, found.Records, found.Unsealed, found.Fault is { } fault ? Words(fault.Stream, fault.Seq, fault.Problem) : null);
        }
        catch (StartFailedException wrong)
        {
            throw new CommandException(ExitCodes.Usage, wrong.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException or System.Data.Common.DbException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read the audit log: {failure.Message}");
        }
    }

    private static Found OfFile(string path)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCodes.Unreachable, $"there is no audit file `{path}`");
        try
        {
            var records = AuditFileReader.Read(path);
            var streams = records.GroupBy(static record => record.Stream).ToList();
            var fault = streams.Select(ChainVerifier.Verify).FirstOrDefault(static fault => fault is not null);
            return new(streams.Count, records.Count, streams.Count(static stream => stream.Last().Kind != "sealed"), fault is null ? null : Words(fault.Stream, fault.Seq, fault.Problem));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException(ExitCodes.Unreachable, $"cannot read the audit file: {failure.Message}");
        }
    }

    private static string Words(Found found)
    {
        if (found.Problem is not null) return $"The chain is broken: {found.Problem}";
        var open = found.Unsealed == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" The end of {found.Unsealed} is not on record: a process still writes there, or ended without a word.");
        return string.Create(CultureInfo.InvariantCulture, $"The chain holds: {found.Records} records in {found.Streams} streams are as they were written.{open}");
    }

    private static string Words(Guid stream, long seq, string problem) => string.Create(CultureInfo.InvariantCulture, $"record {seq} of stream {stream:D}: {problem}");

    private static string Json(Found found) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("holds", found.Problem is null);
        json.WriteNumber("streams", found.Streams);
        json.WriteNumber("records", found.Records);
        json.WriteNumber("unsealed", found.Unsealed);
        json.WriteString("problem", found.Problem);
        json.WriteEndObject();
    });

    private sealed record Found(int Streams, long Records, int Unsealed, string? Problem);
}
