using System.Globalization;
using McpShield.Contracts.Client;
using McpShield.Web.Components;
using McpShield.Web.Features.Audits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Downloads;

/// <summary>Files that the API makes, passed on as they come.</summary>
internal static class DownloadsFeature
{
    public static void MapDownloads(this IEndpointRouteBuilder app)
    {
        var files = app.MapGroup("/app").RequireAuthorization();
        files.MapGet("/audits/export", AuditsAsync);
        files.MapGet("/usage/export", UsageAsync);
        files.MapGet("/settings/export", static async (ShieldClient api, HttpContext context, CancellationToken ct) => await PassAsync(context, await api.Me.ExportAsync(ct), "mcpshield-export.zip", ct));
        files.MapGet("/billing/invoices/{id:guid}/print", static async (Guid id, ShieldClient api, HttpContext context, CancellationToken ct) => await PassAsync(context, await api.Billing.InvoicePageAsync(id, ct), null, ct));
    }

    private static async Task AuditsAsync(
        ShieldClient api, HttpContext context, TimeProvider clock, CancellationToken ct, string? days = null, string? decision = null, string? project_id = null, string? tool = null, string? rule = null,
        string? key_id = null, string? agent = null, string? kind = null, string? q = null, string? organization_id = null)
    {
        var filter = new AuditFilter(days, decision, QueryId.Of(project_id), tool, rule, QueryId.Of(key_id), agent, kind, q, QueryId.Of(organization_id));
        await using var entries = await api.Audits.ExportAsync(filter.ToQuery(clock.GetUtcNow(), limit: null), "csv", ct);
        Name(context, "audits.csv", "text/csv; charset=utf-8");
        await entries.CopyToAsync(context.Response.Body, ct);
    }

    private static async Task UsageAsync(ShieldClient api, HttpContext context, CancellationToken ct, int days = 30, string by = "day", string? project_id = null)
    {
        var usage = await api.Usage.SummaryAsync(ct, days, QueryId.Of(project_id), by);
        Name(context, "usage.csv", "text/csv; charset=utf-8");
        await context.Response.WriteAsync("from,total,allow,deny,approve,other,infrastructure\n", ct);
        foreach (var bucket in usage.Series)
        {
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{bucket.From:yyyy-MM-dd},{bucket.Total},{bucket.Allow},{bucket.Deny},{bucket.Approve},{bucket.Other},{bucket.Infrastructure}\n"), ct);
        }
    }

    private static async Task PassAsync(HttpContext context, HttpResponseMessage answer, string? name, CancellationToken ct)
    {
        using (answer)
        {
            if (name is not null) Name(context, name, answer.Content.Headers.ContentType?.ToString() ?? "application/octet-stream");
            else
            {
                // The page to print brings its own policy: its style stands in it.
                context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
                if (answer.Headers.TryGetValues("Content-Security-Policy", out var policy)) context.Response.Headers.ContentSecurityPolicy = policy.First();
            }

            await answer.Content.CopyToAsync(context.Response.Body, ct);
        }
    }

    private static void Name(HttpContext context, string name, string type)
    {
        context.Response.ContentType = type;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
    }
}
