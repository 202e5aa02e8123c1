using McpShield.Contracts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Server.Features.Auth;

internal static class ListSessions
{
    public static void Map(RouteGroupBuilder auth) => auth.MapGet("/sessions", HandleAsync)
        .ForSignedIn()
        .WithName("auth.sessions.list")
        .WithSummary("The sessions of the caller, newest first");

    private static async Task<Ok<Page<SessionResponse>>> HandleAsync(Caller caller, EphemeralStores stores, CancellationToken ct) => TypedResults.Ok(new Page<SessionResponse>(
        [
            .. (await stores.Sessions.ListAsync(caller.UserId, ct)).Select(session =>
                new SessionResponse(session.Id, session.CreatedAt, session.LastUsedAt, session.ExpiresAt, session.Ip, session.UserAgent, session.IsRemembered, session.Id == caller.SessionId)),
        ],
        NextCursor: null));
}
