using System.Net;
using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Mail;

internal static class DevOutbox
{
    private const int Shown = 50;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/dev/outbox", HandleAsync)
        .WithTags("Development")
        .ForAnyone()
        .WithName("dev.outbox")
        .WithSummary("Mails that were not sent, because no mail server is configured")
        .WithDescription("In development only, and only to this machine or the web tier. `to` names one address. Newest first.")
        .Takes(new ApiParameter("to", "Only mails to this address."))
        .Refuses(StatusCodes.Status404NotFound, "route.not-found");

    private static async Task<Results<Ok<Page<OutboxMailResponse>>, ProblemHttpResult>> HandleAsync(HttpContext context, ShieldDb db, ShieldSettings settings, Visitors visitors, CancellationToken ct, string? to = null)
    {
        if (!settings.IsDevelopment || settings.Smtp is not null || !(visitors.IsWeb(context) || IsThisMachine(context))) return Problems.NotFound("route.not-found", "There is nothing at this address; /docs lists what there is.");

        var address = to is null ? null : User.Normalize(to);
        var mails = await db.MailOutbox.AsNoTracking().Where(mail => address == null || mail.ToEmail == address).OrderByDescending(static mail => mail.Id).Take(Shown)
            .Select(static mail => new OutboxMailResponse(mail.Id, mail.ToEmail, mail.Kind, mail.Subject, mail.TextBody, mail.HtmlBody, mail.CreatedAt)).ToListAsync(ct);
        return TypedResults.Ok(new Page<OutboxMailResponse>(mails, NextCursor: null));
    }

    // THREAT: the codes in these mails open accounts. A server that was left in development is not an open door to its network: neither to other
    // machines, nor through a proxy, nor to a page in this machine's browser that calls itself by another name (DNS rebinding).
    private static bool IsThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded")
        && (context.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]" or "::1");
}
