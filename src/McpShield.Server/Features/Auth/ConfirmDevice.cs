using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class ConfirmDevice
{
    private const int Tries = 20;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/device/confirm", HandleAsync)
        .ForSignedIn()
        .WithName("auth.device.confirm")
        .WithSummary("Let the program behind a code in as the caller")
        .Refuses(StatusCodes.Status404NotFound, "device.not-found")
        .Refuses(StatusCodes.Status429TooManyRequests, "device.too-many-tries");

    /// <summary>THREAT: guessing the codes of others. A person types a few in ten minutes.</summary>
    public static async Task<ProblemHttpResult?> LimitAsync(HttpContext context, EphemeralStores stores, Caller caller, CancellationToken ct)
    {
        var attempt = await stores.Attempts.TryTakeAsync($"device {caller.UserId:N}", Tries, Window, ct);
        return attempt.IsAllowed ? null : Problems.TooMany(context, "device.too-many-tries", "Too many codes were tried. Wait as `Retry-After` says.", attempt.RetryAfter);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("device.not-found", "No program waits behind this code. Check it, or let the program begin again: a code is good for ten minutes.");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(DeviceConfirmRequest request, Caller caller, HttpContext context, ShieldDb db, EphemeralStores stores, TimeProvider clock, CancellationToken ct)
    {
        if (await LimitAsync(context, stores, caller, ct) is { } limited) return limited;
        var code = Devices.Typed(request.UserCode);
        if (await stores.Tickets.PeekAsync(Devices.UserTicket, code, ct) is not { } waiting || Devices.Read(waiting) is not { ConfirmedBy: null } state) return NotFound();

        // Recorded first: what is confirmed and not on record would be worse than the reverse.
        db.Record(caller with { OrganizationId = await SignIns.OwnOrganizationAsync(db, caller.UserId, ct) }, "device.confirmed", ActionTarget.Of("user", caller.UserId), clock.GetUtcNow(), after: new() { ["ip"] = state.Ip, ["user_agent"] = state.UserAgent });
        await db.SaveChangesAsync(ct);
        return await stores.Tickets.TryReplaceAsync(Devices.UserTicket, code, waiting, Devices.Write(state with { ConfirmedBy = caller.UserId }), ct) ? TypedResults.NoContent() : NotFound();
    }
}
