using System.Text;
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

internal static class GetDeviceToken
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/device/token", HandleAsync)
        .ForAnyone()
        .WithName("auth.device.token")
        .WithSummary("Ask whether the person has confirmed")
        .WithDescription("Until then `device.pending`; then the tokens, once; after ten minutes `device.expired`.")
        .Refuses(StatusCodes.Status400BadRequest, "device.pending", "device.expired");

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(DeviceTokenRequest request, HttpContext context, ShieldDb db, EphemeralStores stores, SignIns signIns, CancellationToken ct)
    {
        if (await stores.Tickets.PeekAsync(Devices.DeviceTicket, request.DeviceCode, ct) is not { } found) return Expired();
        var code = Encoding.ASCII.GetString(found);
        if (await stores.Tickets.PeekAsync(Devices.UserTicket, code, ct) is not { } bytes) return Expired();
        if (Devices.Read(bytes).ConfirmedBy is not { } id) return Problems.BadRequest("device.pending", "The person has not confirmed yet; ask again in a moment.");

        // Of two questions at once, one takes it.
        if (await stores.Tickets.TakeAsync(Devices.DeviceTicket, request.DeviceCode, ct) is null) return Expired();
        await stores.Tickets.TakeAsync(Devices.UserTicket, code, ct);
        if (await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.Profile!.Status == Profile.Active, ct) is not { } user) return Expired();
        return TypedResults.Ok(await signIns.BeginAsync(context, db, user, isRemembered: true, "device", ct));
    }

    private static ProblemHttpResult Expired() => Problems.BadRequest("device.expired", "This sign-in is over; begin again.");
}
