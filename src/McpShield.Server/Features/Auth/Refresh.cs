using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Features.Mail;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

internal static class Refresh
{
    private const string ScriptHeader = "X-Requested-With";

    public static void Map(RouteGroupBuilder auth) => auth.MapPost("/refresh", HandleAsync)
        .ForAnyone()
        .WithName("auth.refresh")
        .WithSummary("Get the next pair of tokens")
        .WithDescription("Each refresh token is good once. Copies of a request that come within ten seconds get the same answer; a token that is used later than that was stolen by somebody, and ends its session. From the cookie only with `Content-Type: application/json` or `X-Requested-With`, and from no foreign page.")
        .Refuses(StatusCodes.Status401Unauthorized, "auth.refresh-invalid", "auth.refresh-reused")
        .Refuses(StatusCodes.Status403Forbidden, "auth.foreign-page");

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(RefreshRequest? request, HttpContext context, ShieldDb db, ShieldSettings settings, EphemeralStores stores, SignIns signIns, TimeProvider clock, CancellationToken ct)
    {
        var text = request?.RefreshToken;
        if (text is null)
        {
            if (IsForeign(context.Request, settings)) return Problems.Forbidden("auth.foreign-page", $"The cookie is taken from our own pages only, with `Content-Type: application/json` or `{ScriptHeader}`.");
            text = context.Request.Cookies[SignIns.Cookie];
        }

        if (!RefreshToken.TryParse(text, out var presented)) return Invalid(context, signIns);
        var rotation = await stores.Sessions.RotateAsync(presented, presented.Next(), ct);
        if (rotation is not { Session: { } session }) return Invalid(context, signIns);

        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == session.UserId && user.Profile!.Status == Profile.Active, ct);
        if (user is null)
        {
            await stores.Sessions.RevokeAllAsync(session.UserId, except: null, ct);
            return Invalid(context, signIns);
        }

        var organization = await SignIns.OwnOrganizationAsync(db, user.Id, ct);
        if (rotation.Token is not { } token)
        {
            await TellAsync(db, signIns.CallerOf(context, user, organization, session.Id), clock.GetUtcNow(), ct);
            signIns.Forget(context);
            return Problems.Unauthorized("auth.refresh-reused", "This refresh token was used before, so somebody else may have it. The session was ended; sign in again.");
        }

        return TypedResults.Ok(signIns.Answer(context, session, token, user, organization));
    }

    private static Task<int> TellAsync(ShieldDb db, Caller caller, DateTimeOffset now, CancellationToken ct)
    {
        db.Record(caller, "session.refresh-reused", ActionTarget.Of("session", caller.SessionId), now);
        Mails.Notice(db, caller.Email, "An MCPShield session was ended", "A sign-in token of yours was used twice, which happens when somebody has copied it. The session was ended.", now,
            note: "Sign in again. If it happens again, change your password and look at your sessions.");
        return db.SaveChangesAsync(ct);
    }

    // THREAT: a foreign page that has the visitor's browser refresh. A form cannot send JSON or a header of its own, and SameSite=Strict keeps the
    // cookie at home already; the page's origin is looked at all the same.
    private static bool IsForeign(HttpRequest request, ShieldSettings settings)
    {
        if (!request.HasJsonContentType() && !request.Headers.ContainsKey(ScriptHeader)) return true;
        if (request.Headers.Origin is not [{ Length: > 0 } origin]) return false;
        return !settings.CorsOrigins.Contains(origin, StringComparer.Ordinal)
            && origin != settings.WebUrl.GetLeftPart(UriPartial.Authority)
            && origin != $"{request.Scheme}://{request.Host}";
    }

    private static ProblemHttpResult Invalid(HttpContext context, SignIns signIns)
    {
        signIns.Forget(context);
        return Problems.Unauthorized("auth.refresh-invalid", "The session is over; sign in again.");
    }
}
