using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace McpShield.Web.Features.Fonts;

/// <summary>The style sheet of the fonts.</summary>
/// <remarks>
/// Made here, because only the program knows the fingerprints in the fonts' addresses. A sheet, and no style in the page: a page that is read for
/// navigating within another stands under that one's nonce, and its own styles are refused.
/// </remarks>
internal sealed record FontSheet(string Address, string Text)
{
    private const string Path = "/fonts.css";

    private static readonly ConditionalWeakTable<ResourceAssetCollection, FontSheet> Made = [];

    /// <summary>Of a site's files; made once.</summary>
    public static FontSheet Of(ResourceAssetCollection assets) => Made.GetValue(assets, Make);

    private static FontSheet Make(ResourceAssetCollection assets)
    {
        // Optional: a font that comes late must not move the page.
        var text = $$"""
            @font-face { font-family: "Inter"; src: url("/{{assets["lib/inter.woff2"]}}") format("woff2"); font-weight: 100 900; font-display: optional; }
            @font-face { font-family: "Crimson Text"; src: url("/{{assets["lib/crimson-text-600.woff2"]}}") format("woff2"); font-weight: 600; font-display: optional; }
            @font-face { font-family: "JetBrains Mono"; src: url("/{{assets["lib/jetbrains-mono.woff2"]}}") format("woff2"); font-weight: 400; font-display: optional; }
            """;
        return new($"{Path}?v={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10]}", text);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, static (HttpContext context, EndpointDataSource endpoints) =>
    {
        var assets = endpoints.Endpoints.Select(static endpoint => endpoint.Metadata.GetMetadata<ResourceAssetCollection>()).First(static assets => assets is not null)!;
        context.Response.Headers.CacheControl = "max-age=31536000, immutable";
        return TypedResults.Text(Of(assets).Text, "text/css", Encoding.UTF8);
    }).ShortCircuit();
}
