using McpShield.Web.Features.Auth;
using McpShield.Web.Features.Docs;
using McpShield.Web.Features.Downloads;
using McpShield.Web.Features.Fonts;
using McpShield.Web.Features.Health;
using McpShield.Web.Features.Landing;
using McpShield.Web.Features.Policies;
using McpShield.Web.Features.Themes;
using McpShield.Web.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace McpShield.Web.Hosting;

/// <summary>The site as a table of contents: what it needs, what every request passes, and what answers.</summary>
internal static class Site
{
    /// <summary>The largest body of any request.</summary>
    public const long MaxBodyBytes = 4 * 1024 * 1024;

    public static void AddSite(this IServiceCollection services, WebOptions options, IConnectionMultiplexer? redis)
    {
        services.AddSingleton(options).AddSingleton(options.Settings).AddSingleton(options.Clock);
        services.AddRouting();
        services.AddHttpContextAccessor();
        services.AddForms(options.Settings);
        services.AddKeyRing(options, redis);
        services.AddSessions(redis);
        services.AddSingleton<PendingMail>().AddSingleton<SimulationAnswers>().AddSingleton<DocsLibrary>();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DetailedErrors = options.Settings.IsDevelopment);
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            foreach (var proxies in options.Settings.TrustedProxies) forwarded.KnownIPNetworks.Add(proxies);
        });
    }

    public static void UseSite(this WebApplication app, WebOptions options)
    {
        // Order matters: headers are on every answer, and no foreign page gets further than the door.
        app.UseForwardedHeaders();
        app.UseOutsideScheme(options.Settings);
        app.UseSecurityHeaders(options.Settings.IsProduction);
        app.UseDoor(options.Settings);
        app.UseFailures();
        app.UseRouting();
        app.UseAuthentication();
        app.UseVisitors();
        app.UseEndedSessions();
        app.UseAuthorization();
        app.UseAntiforgery();

        var assets = Path.Combine(AppContext.BaseDirectory, $"{options.Program}.staticwebassets.endpoints.json");
        app.MapStaticAssets(assets).ShortCircuit();
        app.MapHealth();
        FontSheet.Map(app);
        app.MapSignOut();
        app.MapTheme();
        app.MapPolicySchema();
        app.MapPolicyCheck();
        app.MapDownloads();
        app.MapPages(assets);
    }

    // Where the site is reached over TLS is known, and not asked of each request's proxy.
    private static void UseOutsideScheme(this WebApplication app, WebSettings settings)
    {
        if (settings.WebUrl.Scheme != Uri.UriSchemeHttps) return;
        app.Use(static (context, next) =>
        {
            context.Request.Scheme = Uri.UriSchemeHttps;
            return next(context);
        });
    }
}
