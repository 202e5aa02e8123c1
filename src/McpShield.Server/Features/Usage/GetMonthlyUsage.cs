using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Usage;

internal static class GetMonthlyUsage
{
    private const int FirstYear = 2020;

    public static void Map(RouteGroupBuilder usage) => usage.MapGet("/monthly", HandleAsync)
        .RequirePermission(Permission.ViewUsage)
        .WithName("usage.monthly")
        .WithSummary("Usage of a calendar month")
        .WithDescription("Without `year` and `month`, of this one. `Accept: text/csv` or `format=csv` answers the days as a table.")
        .Takes(
            new ApiParameter("year", "The year (UTC).") { Minimum = FirstYear, Example = 2026 },
            new ApiParameter("month", "The month (UTC).") { Minimum = 1, Maximum = 12, Example = 11 },
            new ApiParameter("format", "Instead of the `Accept` header.") { Values = ["json", "csv"] })
        .GivesText(StatusCodes.Status200OK, UsageFeature.Csv, UsageExamples.Csv);

    private static async Task<Results<Ok<UsageMonthlyResponse>, ContentHttpResult, ProblemHttpResult>> HandleAsync(
        HttpRequest request, Caller caller, ShieldDb db, TimeProvider clock, CancellationToken ct, int? year = null, int? month = null, string? format = null)
    {
        var now = clock.GetUtcNow();
        if (year is null != month is null) return Problems.Invalid(year is null ? "year" : "month", "give year and month, or neither");
        if (year is { } y && (y < FirstYear || y > now.UtcDateTime.Year)) return Problems.Invalid("year", $"must be {FirstYear} to {now.UtcDateTime.Year}");
        if (month is < 1 or > 12) return Problems.Invalid("month", "must be 1 to 12");
        if (format is not (null or "json" or "csv")) return Problems.Invalid("format", "must be json or csv");

        var first = year is null ? Months.Of(now) : new DateTimeOffset(year.Value, month!.Value, 1, 0, 0, 0, TimeSpan.Zero);
        if (first > now) return Problems.Invalid("month", "has not begun");
        var span = new UsageSpan(caller.OrganizationId, null, DateOnly.FromDateTime(first.UtcDateTime), DateOnly.FromDateTime(Months.After(first).AddDays(-1).UtcDateTime));
        var report = await UsageReport.ReadAsync(db, span, ct);
        var series = report.Series(span, "day");
        if (UsageFeature.WantsCsv(request, format)) return UsageFeature.ToCsv(series);

        var (standing, plan) = await UsageReport.MonthAsync(db, caller.OrganizationId, first, now, ct);
        var ai = await UsageReport.AiAsync(db, span, plan, ct);
        return TypedResults.Ok(new UsageMonthlyResponse(first.Year, first.Month, standing, report.Total, series, report.Decisions, report.Sources, report.Projects, report.Tools, report.Infrastructure, ai));
    }
}
