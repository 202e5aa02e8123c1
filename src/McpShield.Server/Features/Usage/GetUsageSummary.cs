using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Usage;

internal static class GetUsageSummary
{
    private const int MaxDays = 366;

    public static void Map(RouteGroupBuilder usage) => usage.MapGet("/summary", HandleAsync)
        .RequirePermission(Permission.ViewUsage)
        .WithName("usage.summary")
        .WithSummary("Usage of the last days")
        .WithDescription("By day, week or month, by project, decision and tool, with the month's standing against the plan. `Accept: text/csv` or `format=csv` answers the series as a table.")
        .Takes(
            new ApiParameter("days", "Days up to today.") { Minimum = 1, Maximum = MaxDays },
            new ApiParameter("by", "What an entry of `series` stands for.") { Values = ["day", "week", "month"] },
            new ApiParameter("format", "Instead of the `Accept` header.") { Values = ["json", "csv"] })
        .GivesText(StatusCodes.Status200OK, UsageFeature.Csv, UsageExamples.Csv)
        .Refuses(StatusCodes.Status404NotFound, "project.not-found");

    private static async Task<Results<Ok<UsageSummaryResponse>, ContentHttpResult, ProblemHttpResult>> HandleAsync(
        HttpRequest request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct, int days = 30, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "project_id")] Guid? projectId = null, string by = "day", string? format = null)
    {
        if (days is < 1 or > MaxDays) return Problems.Invalid("days", $"must be 1 to {MaxDays}");
        if (by is not ("day" or "week" or "month")) return Problems.Invalid("by", "must be day, week or month");
        if (format is not (null or "json" or "csv")) return Problems.Invalid("format", "must be json or csv");
        if (projectId is { } named && !await db.Projects.AnyAsync(project => project.Id == named && project.OrgId == caller.OrganizationId, ct)) return Problems.NotFound("project.not-found", "There is no such project.");

        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var span = new UsageSpan(caller.OrganizationId, projectId, today.AddDays(1 - days), today);
        var report = await UsageReport.ReadAsync(db, span, ct);
        var series = report.Series(span, by);
        if (UsageFeature.WantsCsv(request, format)) return UsageFeature.ToCsv(series);

        var (month, plan) = await UsageReport.MonthAsync(db, caller.OrganizationId, now, now, ct);
        var ai = await UsageReport.AiAsync(db, span, plan, ct);
        return TypedResults.Ok(new UsageSummaryResponse(span.From, span.To, by, report.Total, series, report.Decisions, report.Sources, report.Projects, report.Tools, report.Infrastructure, month, ai));
    }
}
