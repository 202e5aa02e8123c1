using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Hosting;

/// <summary>What browsers are told of every answer.</summary>
internal static class SecurityHeaders
{
    private const int NonceBytes = 18;
    private static readonly object Key = new();

    public static void UseSecurityHeaders(this IApplicationBuilder app, bool isProduction) => app.Use((context, next) =>
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        context.Items[Key] = nonce;

        // At the last moment: an answer that fails is begun anew, without what was said before.
        context.Response.OnStarting(static state =>
        {
            var (context, nonce, isProduction) = ((HttpContext, string, bool))state;
            Write(context.Response, nonce, isProduction);
            return Task.CompletedTask;
        }, (context, nonce, isProduction));
        return next(context);
    });

    /// <summary>What scripts and styles written into the page of this answer must carry.</summary>
    public static string Nonce(this HttpContext context) => (string)context.Items[Key]!;

    private static void Write(HttpResponse response, string nonce, bool isProduction)
    {
        var headers = response.Headers;
        if (headers.ContentSecurityPolicy.Count == 0) // a document of the API's brings its own
        {
            headers.ContentSecurityPolicy =
                $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
                "worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";
        }

        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (isProduction) headers.StrictTransportSecurity = "max-age=63072000; includeSubDomains";

        // A page is made for one visitor at one moment; files say for themselves how long they are good.
        if (response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true) headers.CacheControl = "no-store";
    }
}
