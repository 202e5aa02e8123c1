using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class EndSession
{
    public static void Map(RouteGroupBuilder auth) => auth.MapDelete("/sessions/{sessionId:guid}", HandleAsync)
        .ForSignedIn()
        .WithName("auth.sessions.end")
        .WithSummary("End a session of the caller")
        .WithDescription("Its tokens stop working at once.")
        .Refuses(StatusCodes.Status404NotFound, "session.not-found");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid sessionId, Caller caller, HttpContext context, ShieldDb db, EphemeralStores stores, SignIns signIns, TimeProvider clock, CancellationToken ct)
    {
        if (!await stores.Sessions.RevokeAsync(caller.UserId, sessionId, ct)) return Problems.NotFound("session.not-found", "There is no such session.");
        db.Record(caller with { OrganizationId = await SignIns.OwnOrganizationAsync(db, caller.UserId, ct) }, "session.ended", ActionTarget.Of("session", sessionId), clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        if (sessionId == caller.SessionId) signIns.Forget(context);
        return TypedResults.NoContent();
    }
}
