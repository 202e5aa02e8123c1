using System.Text;
using McpShield.Data;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Billing;

internal static class ReceiveStripe
{
    private const int MaxBytes = 512 * 1024;

    public static void Map(RouteGroupBuilder billing) => billing.MapPost("/webhook", HandleAsync)
        .ForAnyone()
        .WithMetadata(new RequestLimits.NoRequestLimit())
        .WithName("billing.webhook")
        .WithSummary("What Stripe tells; nobody else can: messages are signed")
        .Refuses(StatusCodes.Status400BadRequest, "billing.bad-signature")
        .Refuses(StatusCodes.Status404NotFound, "route.not-found")
        .Refuses(StatusCodes.Status413PayloadTooLarge, "request.too-large")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "billing.provider-unavailable", "unavailable");

    private static async Task<Results<Ok, ProblemHttpResult>> HandleAsync(HttpContext context, ShieldDb db, TimeProvider clock, ILogger<StripeBilling> logger, CancellationToken ct)
    {
        if (context.RequestServices.GetService<StripeBilling>() is not { } stripe) return Problems.NotFound("route.not-found", "There is nothing at this address; /docs lists what there is.");
        if (await ReadAsync(context.Request, ct) is not { } body) return Problems.Of(StatusCodes.Status413PayloadTooLarge, "request.too-large", "The request is larger than this endpoint takes.");
        if (stripe.ReadEvent(body, context.Request.Headers["Stripe-Signature"]) is not { } told) return Problems.BadRequest("billing.bad-signature", "The message is not signed by Stripe, or it is older than five minutes.");

        try
        {
            await new StripeEvents(db, stripe, clock, logger).HandleAsync(told, ct);
            return TypedResults.Ok();
        }
        catch (BillingProviderException failure)
        {
            return BillingFeature.Refusal(failure, logger); // Stripe sends it again
        }
    }

    // The signature is over these very bytes.
    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > MaxBytes) return null;
            body.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }
}
