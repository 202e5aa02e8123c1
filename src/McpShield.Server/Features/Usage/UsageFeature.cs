using System.Globalization;
using System.Text;
using McpShield.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Usage;

/// <summary>What an organization uses, from daily counts: nobody counts raw rows.</summary>
internal static class UsageFeature
{
    public const string Csv = "text/csv";

    public static void MapUsage(this IEndpointRouteBuilder app)
    {
        var usage = app.MapGroup("/usage").WithTags("Usage");
        GetUsageSummary.Map(usage);
        GetMonthlyUsage.Map(usage);
    }

    /// <summary>Whether the caller would rather have a table than JSON.</summary>
    public static bool WantsCsv(HttpRequest request, string? format) => format is null ? request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase) == true : format == "csv";

    public static ContentHttpResult ToCsv(IReadOnlyList<UsageBucket> series) => TypedResults.Content(Table(series), Csv + "; charset=utf-8");

    /// <summary>A series as a table (RFC 4180): numbers and days only, so there is nothing to quote.</summary>
    public static string Table(IReadOnlyList<UsageBucket> series)
    {
        var text = new StringBuilder("from,total,allow,deny,approve,other,infrastructure\r\n");
        foreach (var one in series) text.Append(CultureInfo.InvariantCulture, $"{one.From:yyyy-MM-dd},{one.Total},{one.Allow},{one.Deny},{one.Approve},{one.Other},{one.Infrastructure}\r\n");
        return text.ToString();
    }
}
