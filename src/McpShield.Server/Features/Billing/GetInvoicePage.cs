using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Billing;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Billing;

internal static class GetInvoicePage
{
    private const string Style =
        """
        body { font: 11pt/1.5 system-ui, sans-serif; color: #111; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
        table { width: 100%; border-collapse: collapse; margin: 2rem 0; }
        th, td { text-align: left; padding: .4rem .5rem; border-bottom: 1px solid #ccc; vertical-align: top; }
        .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        tfoot td { font-weight: 600; border-bottom: 0; }
        @media print { body { margin: 0; } }
        """;

    // THREAT: a name or a line that is markup. Everything is escaped, and if something were not, only this one style may apply and no script at all.
    private static readonly string Policy = $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Map(RouteGroupBuilder billing) => billing.MapGet("/invoices/{invoiceId:guid}.html", HandleAsync)
        .RequirePermission(Permission.ViewBilling)
        .WithName("billing.invoice-page")
        .WithSummary("One invoice as a page to print")
        .Produces<string>(StatusCodes.Status200OK, "text/html")
        .Refuses(StatusCodes.Status404NotFound, "invoice.not-found");

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> HandleAsync(Guid invoiceId, Caller caller, ShieldDb db, HttpContext context, CancellationToken ct)
    {
        if (await GetInvoice.FindAsync(db, caller, invoiceId, ct) is not { } invoice || await Payer.OfUserAsync(db, invoice.UserId, ct) is not { } payer) return GetInvoice.Missing();
        var company = await db.Set<Profile>().Where(profile => profile.UserId == invoice.UserId).Select(static profile => profile.Company).SingleOrDefaultAsync(ct);
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.ContentDisposition = $"inline; filename=\"invoice-{invoice.Number}.html\"";
        return TypedResults.Content(Render(invoice, payer, company), "text/html; charset=utf-8", statusCode: StatusCodes.Status200OK);
    }

    internal static string Render(Invoice invoice, Payer payer, string? company)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Invoice {E(invoice.Number)}</title>\n<style>{Style}</style>\n</head>\n<body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Invoice {E(invoice.Number)}</h1>\n<p>{Day(invoice.CreatedAt)}<br>For the period {Day(invoice.PeriodStart)} to {Day(invoice.PeriodEnd)}<br>{E(Standing(invoice))}</p>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p>To<br>{(string.IsNullOrWhiteSpace(company) ? "" : E(company) + "<br>")}{E(payer.OrganizationName)}<br>{E(payer.Name)}<br>{E(payer.Email)}</p>\n");
        page.Append("<table>\n<thead><tr><th>For</th><th class=\"n\">Quantity</th><th class=\"n\">Each</th><th class=\"n\">Amount</th></tr></thead>\n<tbody>\n");
        foreach (var line in invoice.Lines)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{E(line.Description)}</td><td class=\"n\">{line.Quantity:#,0.##}</td><td class=\"n\">{line.UnitPrice:#,0.00##}</td><td class=\"n\">{line.Amount:#,0.00}</td></tr>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"</tbody>\n<tfoot><tr><td colspan=\"3\">Total, {E(invoice.Currency)}</td><td class=\"n\">{invoice.Total:#,0.00}</td></tr></tfoot>\n</table>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static string Standing(Invoice invoice) => invoice.Status switch
    {
        Invoice.Paid => invoice.PaidAt is { } paid ? $"Paid on {Day(paid)}" : "Paid",
        Invoice.Void => "Void",
        _ => "Open",
    };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
