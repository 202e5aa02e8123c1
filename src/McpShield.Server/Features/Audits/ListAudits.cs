using McpShield.Contracts;
using McpShield.Data.Audits;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Audits;

internal static class ListAudits
{
    public static void Map(RouteGroupBuilder audits) => audits.MapGet("", HandleAsync)
        .RequirePermission(Permission.ViewAudits)
        .WithName("audits.list")
        .WithSummary("Search the audit log")
        .WithDescription("Newest first. All filters hold together; `q` is a text in tool, rule, agent, action, reason or message, in upper or lower case. Entries older than the plan keeps are not shown.")
        .Takes(AuditFilter.Parameters);

    private static async Task<Results<Ok<Page<AuditResponse>>, ProblemHttpResult>> HandleAsync([AsParameters] AuditFilter filter, Caller caller, AuditReader reader, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (filter.Problem(caller, cursor, limit, out var query) is { } problem) return problem;
        var page = await reader.ListAsync(query, ct);
        return TypedResults.Ok(new Page<AuditResponse>([.. page.Entries.Select(AuditsFeature.ToResponse)], page.NextCursor));
    }
}
