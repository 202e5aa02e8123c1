using McpShield.Contracts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class GetDevice
{
    public static void Map(RouteGroupBuilder auth) => auth.MapGet("/device", HandleAsync)
        .ForSignedIn()
        .WithName("auth.device.get")
        .WithSummary("Who waits behind a code")
        .WithDescription("For the page that asks the person: from where the program asked, and what it calls itself.")
        .Takes(new ApiParameter("user_code", "As the program shows it; lower case and without the dash is fine.") { Example = "BCDF-GHJK" })
        .Refuses(StatusCodes.Status404NotFound, "device.not-found")
        .Refuses(StatusCodes.Status429TooManyRequests, "device.too-many-tries");

    private static async Task<Results<Ok<DeviceRequestResponse>, ProblemHttpResult>> HandleAsync(string user_code, Caller caller, HttpContext context, EphemeralStores stores, CancellationToken ct)
    {
        if (await ConfirmDevice.LimitAsync(context, stores, caller, ct) is { } limited) return limited;
        if (await stores.Tickets.PeekAsync(Devices.UserTicket, Devices.Typed(user_code), ct) is not { } bytes || Devices.Read(bytes) is not { ConfirmedBy: null } state) return ConfirmDevice.NotFound();
        return TypedResults.Ok(new DeviceRequestResponse(state.Ip, state.UserAgent, state.RequestedAt));
    }
}
