using McpShield.Contracts;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

internal static class ListInvoices
{
    public static void Map(RouteGroupBuilder billing) => billing.MapGet("/history", HandleAsync)
        .RequirePermission(Permission.ViewBilling)
        .WithName("billing.history")
        .WithSummary("The invoices of an organization's owner, newest first");

    private static async Task<Results<Ok<Page<InvoiceResponse>>, ProblemHttpResult>> HandleAsync(Caller caller, ShieldDb db, CancellationToken ct, string? cursor = null, int limit = Cursor.DefaultLimit)
    {
        if (Cursor.Problem(cursor, limit, out var before) is { } problem) return problem;
        var found = await db.Invoices.AsNoTracking()
            .Where(invoice => db.Organizations.Any(one => one.Id == caller.OrganizationId && one.OwnerUserId == invoice.UserId) && (before == null || invoice.Id.CompareTo(before.Value) < 0))
            .OrderByDescending(static invoice => invoice.Id)
            .Take(limit + 1)
            .ToListAsync(ct);
        return TypedResults.Ok(Cursor.Page(found.ConvertAll(Invoices.ToResponse), limit, static invoice => invoice.Id));
    }
}
