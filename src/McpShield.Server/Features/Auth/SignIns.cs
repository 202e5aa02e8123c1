using McpShield.Contracts;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace McpShield.Server.Features.Auth;

/// <summary>Begins sessions and hands out their tokens, in the answer and in the cookie.</summary>
internal sealed class SignIns(EphemeralStores stores, AccessTokens tokens, ShieldSettings settings, Visitors visitors, TimeProvider clock)
{
    /// <summary>The cookie of the refresh token.</summary>
    public const string Cookie = "mcpshield_refresh";

    /// <summary>Begins a session and records it. The caller has made sure of who it is.</summary>
    public async Task<TokenResponse> BeginAsync(HttpContext context, ShieldDb db, User user, bool isRemembered, string how, CancellationToken ct)
    {
        var now = clock.GetMoment();
        var organization = await OwnOrganizationAsync(db, user.Id, ct);
        var session = UserSession.Begin(user.Id, isRemembered, visitors.Address(context), context.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null, now, settings.Ephemeral);
        db.Record(CallerOf(context, user, organization, session.Id), "session.started", ActionTarget.Of("session", session.Id), now, after: new() { ["how"] = how });
        await db.SaveChangesAsync(ct);
        var token = RefreshToken.Create(session.Id);
        await stores.Sessions.CreateAsync(session, token, ct);
        return Answer(context, session, token, user, organization);
    }

    /// <summary>The answer that carries a session's tokens.</summary>
    public TokenResponse Answer(HttpContext context, UserSession session, RefreshToken token, User user, Guid organization)
    {
        context.Response.Cookies.Append(Cookie, token.Text, CookieOptions(session.IsRemembered ? session.ExpiresAt : null));
        context.Response.Headers.CacheControl = "no-store";
        return new(tokens.Issue(session, user.Email), token.Text, "Bearer", (int)tokens.Lifetime.TotalSeconds, new(user.Id, user.Email, user.FirstName, user.LastName, organization));
    }

    /// <summary>Takes the cookie away.</summary>
    public void Forget(HttpContext context) => context.Response.Cookies.Delete(Cookie, CookieOptions(expires: null));

    /// <summary>The person as a <see cref="Caller"/> in their own organization, for records of what they do before they are signed in.</summary>
    public Caller CallerOf(HttpContext context, User user, Guid organization, Guid session) =>
        new(user.Id, user.Email, $"{user.FirstName} {user.LastName}".Trim(), session, organization, Data.Organizations.Role.Owner, visitors.Address(context));

    public static Task<Guid> OwnOrganizationAsync(ShieldDb db, Guid user, CancellationToken ct) =>
        db.Organizations.Where(organization => organization.OwnerUserId == user).Select(static organization => organization.Id).SingleOrDefaultAsync(ct);

    // A session that is not remembered ends with the browser, too.
    private CookieOptions CookieOptions(DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        Secure = !settings.IsDevelopment,
        SameSite = SameSiteMode.Strict,
        Path = "/auth",
        Expires = expires,
        IsEssential = true,
    };
}
