using McpShield.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Themes;

/// <summary>Light, dark, or as the system says: kept in a cookie, so that the first paint is right already.</summary>
internal static class ThemeFeature
{
    /// <summary>Scripts read and write it too: it is no secret.</summary>
    public const string Cookie = "mcpshield_theme";

    public static void MapTheme(this IEndpointRouteBuilder app) => app.MapForm("/theme", static ([FromForm] string? theme, [FromForm(Name = "return")] string? back, HttpContext context, WebSettings settings) =>
    {
        context.KeepTheme(theme, settings);
        return TypedResults.LocalRedirect(ReturnAddress.Of(back, "/"));
    });

    /// <summary>What the visitor chose: <c>light</c>, <c>dark</c> or <c>system</c>.</summary>
    public static string Theme(this HttpContext context) => Known(context.Request.Cookies[Cookie]);

    /// <summary>For the next page.</summary>
    public static void KeepTheme(this HttpContext context, string? theme, WebSettings settings) =>
        context.Response.Cookies.Append(Cookie, Known(theme), new() { MaxAge = TimeSpan.FromDays(400), Path = "/", SameSite = SameSiteMode.Lax, Secure = settings.IsSecure, IsEssential = true });

    private static string Known(string? theme) => theme is "light" or "dark" ? theme : "system";
}
