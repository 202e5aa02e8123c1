using System.Security.Claims;
using System.Text.Encodings.Web;
using McpShield.Web.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace McpShield.Web.Sessions;

/// <summary>Who sends a request, by the session that its cookie names.</summary>
/// <remarks>
/// Not the framework's cookie handler over a ticket store: that one signs in under the key of the session before. THREAT: whoever planted a cookie of
/// their own would hold the key of the session that the visitor then begins.
/// </remarks>
internal sealed class SessionAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SessionCookie cookie, WebSessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "session";

    private const string KeyClaim = "mcpshield:session";

    /// <summary>The key of the session that <paramref name="user"/> is signed in by.</summary>
    public static string? KeyOf(ClaimsPrincipal user) => user.FindFirst(KeyClaim)?.Value;

    /// <summary>Leads to the sign-in page and back again.</summary>
    public static void Redirect(HttpContext context)
    {
        // What a form would have sent is not sent again: back to its page.
        var request = context.Request;
        context.Response.Redirect(ReturnAddress.SignIn(request.Path + (HttpMethods.IsGet(request.Method) ? request.QueryString : default)));
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (cookie.Read(Context) is not { } key) return AuthenticateResult.NoResult();
        try
        {
            if (await sessions.FindAsync(key, VisitorOrigin.Of(Context), Context.RequestAborted) is { } session) return AuthenticateResult.Success(new(PrincipalOf(key, session), SchemeName));
            cookie.Forget(Context);
            return AuthenticateResult.NoResult();
        }
        catch (Exception failure) when (failure is HttpRequestException or Contracts.Client.ShieldProblem or RedisException or TimeoutException or OperationCanceledException)
        {
            return AuthenticateResult.Fail(failure);
        }
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // A session that cannot be looked up is not over.
        if ((await HandleAuthenticateOnceSafeAsync()).Failure is not null) Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else Redirect(Context);
    }

    private static ClaimsPrincipal PrincipalOf(string key, WebSession session) => new(new ClaimsIdentity(
        [
            new(ClaimTypes.NameIdentifier, session.User.Id.ToString("D")),
            new(ClaimTypes.Email, session.User.Email),
            new(ClaimTypes.Name, $"{session.User.FirstName} {session.User.LastName}".Trim()),
            new(KeyClaim, key),
        ],
        SchemeName));
}
