using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace McpShield.Server.Hosting;

/// <summary>What browsers are told of every answer of the API.</summary>
internal static class SecurityHeaders
{
    // Nothing that the API answers is a page, but for its documentation, which brings its own.
    private const string NoPage = "default-src 'none'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app, bool isProduction)
    {
        // One for all requests: every call of an agent passes here.
        Func<object, Task> write = response => Write(((HttpResponse)response).Headers, isProduction);
        app.Use((context, next) =>
        {
            // At the last moment: an answer that fails is begun anew, without what was said before.
            context.Response.OnStarting(write, context.Response);
            return next(context);
        });
    }

    private static Task Write(IHeaderDictionary headers, bool isProduction)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-site";
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = NoPage;
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
        if (isProduction) headers.StrictTransportSecurity = "max-age=63072000; includeSubDomains";
        return Task.CompletedTask;
    }
}
