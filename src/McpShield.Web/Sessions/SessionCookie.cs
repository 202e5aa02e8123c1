using System.Security.Cryptography;
using McpShield.Web.Hosting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Sessions;

/// <summary>What the browser holds: the key of a session, encrypted, and nothing else.</summary>
internal sealed class SessionCookie(WebSettings settings, IDataProtectionProvider protection)
{
    // As long as browsers keep one. How long a session lives is not the cookie's to say.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    private readonly IDataProtector protector = protection.CreateProtector("mcpshield-web cookie");
    private readonly string name = settings.CookieName("web");

    public string? Read(HttpContext context)
    {
        if (context.Request.Cookies[name] is not { Length: > 0 } text) return null;
        try
        {
            return protector.Unprotect(text);
        }
        catch (CryptographicException)
        {
            return null; // not ours, or of a key that is gone
        }
    }

    public void Write(HttpContext context, string key, bool isRemembered) => context.Response.Cookies.Append(name, protector.Protect(key), Options(isRemembered ? Lifetime : null));

    public void Forget(HttpContext context) => context.Response.Cookies.Delete(name, Options(lifetime: null));

    // Lax: a link in a mail leads to where its reader is signed in. A session that is not remembered ends with the browser, too.
    private CookieOptions Options(TimeSpan? lifetime) => new() { HttpOnly = true, Secure = settings.IsSecure, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = lifetime, IsEssential = true };
}
