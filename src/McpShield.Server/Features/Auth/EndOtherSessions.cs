using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class EndOtherSessions
{
    public static void Map(RouteGroupBuilder auth) => auth.MapDelete("/sessions", HandleAsync)
        .ForSignedIn()
        .WithName("auth.sessions.end-others")
        .WithSummary("End every session of the caller but this one");

    private static async Task<Ok<SessionsEndedResponse>> HandleAsync(Caller caller, ShieldDb db, EphemeralStores stores, TimeProvider clock, CancellationToken ct)
    {
        var ended = await stores.Sessions.RevokeAllAsync(caller.UserId, except: caller.SessionId, ct);
        db.Record(caller with { OrganizationId = await SignIns.OwnOrganizationAsync(db, caller.UserId, ct) }, "session.others-ended", ActionTarget.Of("user", caller.UserId), clock.GetUtcNow(), after: new() { ["ended"] = ended });
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(new SessionsEndedResponse(ended));
    }
}
