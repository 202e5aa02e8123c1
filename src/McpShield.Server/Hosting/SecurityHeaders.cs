using Microsoft.AspNetCore.Builder;

namespace McpShield.Server.Hosting;

/// <summary>What browsers are told of every answer of the API.</summary>
internal static class SecurityHeaders
{
    // Nothing that the API answers is a page, but for its documentation, which brings its own.
    private const string NoPage = "default-src 'none'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app, bool isProduction) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-site";
        headers.ContentSecurityPolicy = NoPage;
        headers.CacheControl = "no-store";
        if (isProduction) headers.StrictTransportSecurity = "max-age=63072000; includeSubDomains";
        return next(context);
    });
}
