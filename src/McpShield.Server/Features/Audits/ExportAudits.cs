using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Audits;

internal static class ExportAudits
{
    private const string CsvHeader = "timestamp,kind,decision,tool_name,policy_rule_matched,reason,message,source,agent,key_id,project_id,status,duration_ms,action,actor,actor_user_id,target_type,target_id,id\r\n";

    public static void Map(RouteGroupBuilder audits) => audits.MapGet("/export", HandleAsync)
        .RequirePermission(Permission.ExportAudits)
        .WithName("audits.export")
        .WithSummary("Download the audit log")
        .WithDescription("Oldest first, as JSON lines (`format=jsonl`) or CSV (`format=csv`), with the filters of the list. The download itself is on record.")
        .Takes(AuditFilter.Parameters)
        .Takes(new ApiParameter("format", "What the download is written in.") { Values = ["jsonl", "csv"] })
        .GivesText(StatusCodes.Status200OK, "application/jsonl", AuditExamples.JsonLine)
        .GivesText(StatusCodes.Status200OK, "text/csv", CsvHeader);

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> HandleAsync([AsParameters] AuditFilter filter, Caller caller, AuditReader reader, ShieldDb db, TimeProvider clock, CancellationToken ct, string format = "jsonl")
    {
        if (format is not ("jsonl" or "csv")) return Problems.Invalid("format", "must be jsonl or csv");
        if (filter.Problem(caller, cursor: null, Cursor.DefaultLimit, out var query) is { } problem) return problem;

        // Before the first byte: who took the log out of the house is itself on record.
        var now = clock.GetUtcNow();
        db.Record(caller, "audits.exported", ActionTarget.Of("organization", caller.OrganizationId), now, filter.ProjectId, after: new JsonObject { ["format"] = format });
        await db.SaveChangesAsync(ct);
        return TypedResults.Stream(
            body => format == "csv" ? WriteCsvAsync(body, reader.ExportAsync(query, ct), ct) : WriteLinesAsync(body, reader.ExportAsync(query, ct), ct),
            format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl",
            string.Create(CultureInfo.InvariantCulture, $"audits-{now:yyyyMMdd-HHmmss}.{format}"));
    }

    private static async Task WriteLinesAsync(Stream body, IAsyncEnumerable<McpShield.Audit.AuditEntry> entries, CancellationToken ct)
    {
        await foreach (var entry in entries)
        {
            await JsonSerializer.SerializeAsync(body, AuditsFeature.ToResponse(entry), AuditsJson.Default.AuditResponse, ct);
            await body.WriteAsync("\n"u8.ToArray(), ct);
        }
    }

    private static async Task WriteCsvAsync(Stream body, IAsyncEnumerable<McpShield.Audit.AuditEntry> entries, CancellationToken ct)
    {
        await using var text = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
        await text.WriteAsync(CsvHeader);
        await foreach (var entry in entries)
        {
            string?[] cells =
            [
                entry.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), entry.Kind, entry.Decision, entry.Tool, entry.Rule, entry.Reason, entry.Message, entry.Source, entry.Agent, entry.Key,
                entry.ProjectId?.ToString("D"), entry.Status, (entry.DurationMicroseconds / 1000.0)?.ToString(CultureInfo.InvariantCulture), entry.Action, entry.Actor, entry.ActorUserId?.ToString("D"),
                entry.TargetType, entry.TargetId, entry.CallId.ToString("D"),
            ];
            await text.WriteAsync(string.Join(',', cells.Select(Cell)).AsMemory(), ct);
            await text.WriteAsync("\r\n");
        }
    }

    // SPEC: RFC 4180. THREAT: a tool or agent named `=HYPERLINK(…)` would run in the spreadsheet of whoever opens the file: what begins like a formula gets an apostrophe.
    private static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value)) return "";
        if (value[0] is '=' or '+' or '-' or '@' or '\t' or '\r') value = "'" + value;
        return value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
