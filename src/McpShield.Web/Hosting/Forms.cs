using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Web.Hosting;

/// <summary>Forms that come back carry the token that went out with them.</summary>
internal static class Forms
{
    public static void AddForms(this IServiceCollection services, WebSettings settings) => services.AddAntiforgery(forms =>
    {
        forms.Cookie = new FormCookie(settings.IsSecure) { Name = settings.CookieName("forms"), HttpOnly = true, SameSite = SameSiteMode.Strict, SecurePolicy = CookieSecurePolicy.None, Path = "/", IsEssential = true };
        forms.SuppressXFrameOptionsHeader = true; // ours is stricter
    });

    /// <summary>A cookie's name: where the browser can hold it to this host and to TLS, it is made to.</summary>
    public static string CookieName(this WebSettings settings, string what) => settings.IsSecure ? $"__Host-mcpshield-{what}" : $"mcpshield_{what}";

    /// <summary>An endpoint that a form of ours is sent to. Pages do the same by themselves.</summary>
    public static RouteHandlerBuilder MapForm(this IEndpointRouteBuilder app, string pattern, Delegate handler) => app.MapPost(pattern, handler).AddEndpointFilter(static async (call, next) =>
        await call.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(call.HttpContext)
            ? await next(call)
            : TypedResults.BadRequest());

    // Told that its cookies are Secure, the framework refuses requests that do not come over TLS themselves; ours come from the proxy that ended it.
    private sealed class FormCookie(bool isSecure) : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var cookie = base.Build(context, expiresFrom);
            cookie.Secure = isSecure;
            return cookie;
        }
    }
}
