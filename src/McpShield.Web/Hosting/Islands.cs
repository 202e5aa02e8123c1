using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Hosting;

/// <summary>The pages, and the islands of interactivity on them.</summary>
internal static class Islands
{
    /// <summary>Where islands speak to the server.</summary>
    public const string Path = "/_blazor";

    public static void MapPages(this IEndpointRouteBuilder app, string assets) => app.MapRazorComponents<App>()
        .AddInteractiveServerRenderMode(static islands => islands.ContentSecurityFrameAncestorsPolicy = null) // said by SecurityHeaders, on every answer
        .WithStaticAssets(assets);
}
