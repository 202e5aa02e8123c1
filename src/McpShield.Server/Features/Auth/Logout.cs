using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class Logout
{
    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/logout", HandleAsync)
        .ForSignedIn()
        .WithName("auth.logout")
        .WithSummary("End this session");

    private static async Task<NoContent> HandleAsync(Caller caller, HttpContext context, ShieldDb db, EphemeralStores stores, SignIns signIns, TimeProvider clock, CancellationToken ct)
    {
        db.Record(caller with { OrganizationId = await SignIns.OwnOrganizationAsync(db, caller.UserId, ct) }, "session.ended", ActionTarget.Of("session", caller.SessionId), clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        await stores.Sessions.RevokeAsync(caller.UserId, caller.SessionId, ct);
        signIns.Forget(context);
        return TypedResults.NoContent();
    }
}
