using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

internal static class UseLink
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/link", HandleAsync)
        .ForAnyone()
        .WithName("auth.link")
        .WithSummary("Sign in with a link that works once")
        .WithDescription("The link that the first start prints for its owner.")
        .Refuses(StatusCodes.Status400BadRequest, "link.invalid");

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(LinkRequest request, HttpContext context, ShieldDb db, EphemeralStores stores, SignIns signIns, CancellationToken ct)
    {
        if (await stores.Tickets.TakeAsync(FirstStart.SignInLink, request.Token, ct) is not { Length: 16 } bytes) return Invalid();
        var id = new Guid(bytes);
        if (await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.Profile!.Status == Profile.Active, ct) is not { } user) return Invalid();

        // Remembered: whoever comes this way may have no password to come back with.
        return TypedResults.Ok(await signIns.BeginAsync(context, db, user, isRemembered: true, "link", ct));
    }

    private static ProblemHttpResult Invalid() => Problems.BadRequest("link.invalid", "The link is not good, or not any more: it works once, within an hour.");
}
