using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

internal static class GetInvoice
{
    public static void Map(RouteGroupBuilder billing) => billing.MapGet("/invoices/{invoiceId:guid}", HandleAsync)
        .RequirePermission(Permission.ViewBilling)
        .WithName("billing.invoice")
        .WithSummary("One invoice")
        .Refuses(StatusCodes.Status404NotFound, "invoice.not-found");

    private static async Task<Results<Ok<InvoiceResponse>, ProblemHttpResult>> HandleAsync(Guid invoiceId, Caller caller, ShieldDb db, CancellationToken ct) =>
        await FindAsync(db, caller, invoiceId, ct) is { } invoice ? TypedResults.Ok(Invoices.ToResponse(invoice)) : Missing();

    public static Task<Invoice?> FindAsync(ShieldDb db, Caller caller, Guid id, CancellationToken ct) => db.Invoices.AsNoTracking()
        .SingleOrDefaultAsync(invoice => invoice.Id == id && db.Organizations.Any(one => one.Id == caller.OrganizationId && one.OwnerUserId == invoice.UserId), ct);

    public static ProblemHttpResult Missing() => Problems.NotFound("invoice.not-found", "There is no such invoice.");
}
