using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Features.Me;

/// <summary>Light or dark, for the first byte of the next page. It holds no secret, and the site's script may change it.</summary>
internal static class ThemeCookie
{
    private const string Name = "theme";

    /// <summary><c>light</c>, <c>dark</c>, or <c>null</c> for what the system has.</summary>
    public static string? Read(HttpContext context) => context.Request.Cookies[Name] is "light" or "dark" ? context.Request.Cookies[Name] : null;

    public static void Write(HttpContext context, string theme)
    {
        if (theme is "light" or "dark") context.Response.Cookies.Append(Name, theme, new() { Path = "/", MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, IsEssential = true });
        else context.Response.Cookies.Delete(Name);
    }
}
