using System.IO.Compression;
using System.Runtime.CompilerServices;
using McpShield.Audit;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Audits;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Me;

internal static class ExportMe
{
    private const int PerHour = 10;

    public static void Map(RouteGroupBuilder me) => me.MapGet("/export", HandleAsync)
        .ForSignedIn()
        .WithName("me.export")
        .WithSummary("Everything about the caller, as a ZIP of JSON files")
        .WithDescription("Account, settings, organizations, projects with their policies, keys without their secrets, invoices, usage by month, and what the audit log holds of the caller's own actions.")
        .GivesFile(StatusCodes.Status200OK, "application/zip")
        .Refuses(StatusCodes.Status429TooManyRequests, "export.too-many");

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> HandleAsync(Caller caller, HttpContext context, ShieldDb db, EphemeralStores stores, AuditReader audits, TimeProvider clock, CancellationToken ct)
    {
        var attempt = await stores.Attempts.TryTakeAsync($"export {caller.UserId:N}", PerHour, TimeSpan.FromHours(1), ct);
        if (!attempt.IsAllowed) return Problems.TooMany(context, "export.too-many", "Several exports were made just now. Wait as `Retry-After` says.", attempt.RetryAfter);

        var now = clock.GetUtcNow();
        var own = await caller.InOwnAsync(db, ct);
        db.Record(own, "account.exported", ActionTarget.Of("user", caller.UserId), now);
        await db.SaveChangesAsync(ct);
        if (context.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true; // an archive writes the ends of its entries so
        return TypedResults.Stream(body => WriteAsync(body, own, db, audits, ct), "application/zip", $"mcpshield-{now.UtcDateTime:yyyy-MM-dd}.zip");
    }

    private static async Task WriteAsync(Stream body, Caller caller, ShieldDb db, AuditReader audits, CancellationToken ct)
    {
        await using var archive = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, ct);
        var files = new ExportFiles(archive, ct);
        var me = await MeFeature.ReadAsync(db, caller.UserId, ct);
        var settings = await db.UserSettings.AsNoTracking().SingleOrDefaultAsync(one => one.UserId == caller.UserId, ct) ?? new UserSettings();
        await files.WriteAsync("account.json", me, MeJson.Default.MeResponse);
        await files.WriteAsync("settings.json", settings.ToResponse(), MeJson.Default.MySettings);

        await files.WriteAsync("organizations.json", me.Organizations.ToAsyncEnumerable(), static (json, one) =>
        {
            json.WriteString("id", one.Id);
            json.WriteString("name", one.Name);
            json.WriteString("role", one.Role);
        });
        await files.WriteAsync("projects.json", db.Projects.AsNoTracking().Where(one => one.OrgId == caller.OrganizationId).OrderBy(static one => one.Id).AsAsyncEnumerable(), static (json, one) =>
        {
            json.WriteString("id", one.Id);
            json.WriteString("name", one.Name);
            json.WriteString("environment", one.Environment);
            json.WriteNumber("policy_version", one.PolicyVersion);
            json.WriteString("policy_yaml", one.PolicyYaml);
            json.WriteString("created_at", one.CreatedAt);
            json.WriteString("updated_at", one.UpdatedAt);
        });
        await files.WriteAsync("keys.json", db.ApiKeys.AsNoTracking().Where(one => db.Projects.Any(project => project.Id == one.ProjectId && project.OrgId == caller.OrganizationId)).OrderBy(static one => one.Id).AsAsyncEnumerable(), static (json, one) =>
        {
            json.WriteString("id", one.Id);
            json.WriteString("project_id", one.ProjectId);
            json.WriteString("prefix", one.KeyPrefix);
            json.WriteString("name", one.Name);
            json.WriteString("agent", one.Agent);
            json.WriteString("created_at", one.CreatedAt);
            ExportFiles.WriteMoment(json, "last_used_at", one.LastUsedAt);
            ExportFiles.WriteMoment(json, "expires_at", one.ExpiresAt);
            ExportFiles.WriteMoment(json, "revoked_at", one.RevokedAt);
        });
        await files.WriteAsync("invoices.json", db.Invoices.AsNoTracking().Where(one => one.UserId == caller.UserId).OrderBy(static one => one.Id).AsAsyncEnumerable(), static (json, one) =>
        {
            json.WriteString("number", one.Number);
            json.WriteString("period_start", one.PeriodStart);
            json.WriteString("period_end", one.PeriodEnd);
            json.WriteString("currency", one.Currency);
            json.WriteNumber("total", one.Total);
            json.WriteString("status", one.Status);
            json.WriteString("created_at", one.CreatedAt);
            ExportFiles.WriteMoment(json, "paid_at", one.PaidAt);
        });
        await files.WriteAsync("usage_monthly.json", db.UsageMonthly.AsNoTracking().Where(one => one.UserId == caller.UserId).OrderBy(static one => one.Year).ThenBy(static one => one.Month).AsAsyncEnumerable(), static (json, one) =>
        {
            json.WriteNumber("year", one.Year);
            json.WriteNumber("month", one.Month);
            json.WriteNumber("event_count", one.EventCount);
        });

        await files.WriteAsync("actions.json", ActionsAsync(me, audits, ct), static (json, one) =>
        {
            json.WriteString("id", one.CallId);
            json.WriteString("time", one.Time);
            json.WriteString("action", one.Action);
            json.WriteString("target_type", one.TargetType);
            json.WriteString("target_id", one.TargetId);
            json.WriteString("client_ip", one.ClientIp);
        });
    }

    // Of every organization that the person is in, but only what they did themselves.
    private static async IAsyncEnumerable<AuditEntry> ActionsAsync(MeResponse me, AuditReader audits, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var organization in me.Organizations)
        {
            await foreach (var entry in audits.ExportAsync(new() { Scope = AuditScope.Of(organization.Id), Kind = "action" }, ct))
            {
                if (entry.ActorUserId == me.Id) yield return entry;
            }
        }
    }
}
