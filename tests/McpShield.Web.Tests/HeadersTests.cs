using System.Net;
using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.Web.Tests;

/// <summary>What browsers are told, and what they are given.</summary>
public sealed partial class HeadersTests(WebServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/auth/sign-in", HttpStatusCode.OK)]
    [InlineData("/nothing/here", HttpStatusCode.NotFound)]
    [InlineData("/error", HttpStatusCode.NotFound)]
    public async Task Scripts_and_styles_are_ours_or_carry_the_nonce_of_their_page(string path, HttpStatusCode status)
    {
        using var browser = new Browser(server.Url);

        var page = await browser.GetAsync(path, Ct);

        Assert.Equal(status, page.Status);
        var nonce = Nonce().Match(page.Headers["Content-Security-Policy"]).Groups["nonce"].Value;
        Assert.NotEmpty(nonce);
        foreach (Match script in InlineScript().Matches(page.Text)) Assert.Contains($"nonce=\"{nonce}\"", WebUtility.HtmlDecode(script.Value), StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", page.Text, StringComparison.Ordinal);
        Assert.Empty(Foreign().Matches(page.Text));
    }

    [Fact]
    public async Task Every_page_has_a_nonce_of_its_own()
    {
        using var browser = new Browser(server.Url);

        Assert.NotEqual((await browser.GetAsync("/", Ct)).Headers["Content-Security-Policy"], (await browser.GetAsync("/", Ct)).Headers["Content-Security-Policy"]);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/app")]
    [InlineData("/css/base.css")]
    [InlineData("/nothing/here")]
    public async Task Every_answer_says_how_it_is_to_be_handled(string path)
    {
        using var browser = new Browser(server.Url);

        var headers = (await browser.GetAsync(path, Ct)).Headers;

        Assert.StartsWith("default-src 'self'; script-src 'self' 'nonce-", headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
        Assert.Equal("DENY", headers["X-Frame-Options"]);
        Assert.Equal("same-origin", headers["Referrer-Policy"]);
        Assert.Contains("camera=()", headers["Permissions-Policy"], StringComparison.Ordinal);
        Assert.False(headers.ContainsKey("Strict-Transport-Security")); // a development site has no TLS to insist on
        Assert.False(headers.ContainsKey("Server"));
    }

    [Fact]
    public async Task Production_insists_on_tls()
    {
        using var folder = new TemporaryFolder();
        await using var web = await WebServer.StartAsync(folder.Path, server.Api, Ct, more: new() { ["ENVIRONMENT"] = "production", ["WEB_URL"] = "https://shield.example.com" });
        using var browser = new Browser(web.Url);

        var page = await browser.GetAsync("/", Ct);
        var sheet = await browser.GetAsync("/" + StyleSheet().Match(page.Text).Groups["path"].Value, Ct, ("Accept-Encoding", "gzip"));

        Assert.StartsWith("max-age=", page.Headers["Strict-Transport-Security"], StringComparison.Ordinal);
        Assert.Contains("no-store", page.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.Equal("gzip", sheet.Headers["Content-Encoding"]);
    }

    [Fact]
    public async Task The_frameworks_script_scoped_styles_and_the_editor_are_served()
    {
        using var browser = new Browser(server.Url);

        foreach (var path in new[] { "/_framework/blazor.web.js", "/McpShield.Web.bundle.scp.css", "/js/site.js", "/lib/editor.js", "/lib/inter.woff2", "/lib/icons.svg" })
        {
            Assert.True((await browser.GetAsync(path, Ct)).Status == HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task The_fonts_that_a_page_asks_for_early_are_those_that_its_style_sheet_uses()
    {
        using var browser = new Browser(server.Url);
        var page = await browser.GetAsync("/", Ct);

        var sheet = await browser.GetAsync(FontSheet().Match(page.Text).Groups["path"].Value, Ct);

        Assert.Contains("immutable", sheet.Headers["Cache-Control"], StringComparison.Ordinal);
        var early = Preloaded().Matches(page.Text);
        Assert.NotEmpty(early);
        foreach (Match font in early)
        {
            Assert.Contains($"url(\"/{font.Groups["path"].Value}\")", sheet.Text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/" + font.Groups["path"].Value, Ct)).Status);
        }
    }

    [Fact]
    public async Task The_schema_of_policies_comes_from_our_own_origin()
    {
        using var browser = new Browser(server.Url);

        var schema = await browser.GetAsync("/policy/schema.json", Ct);

        Assert.Equal("application/schema+json; charset=utf-8", schema.Headers["Content-Type"]);
        Assert.Contains("\"MCPShield policy", schema.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_theme_is_in_the_first_paint_and_survives_without_script()
    {
        using var browser = new Browser(server.Url);
        var page = await browser.GetAsync("/auth/sign-in", Ct);
        Assert.Contains("data-theme=\"system\"", page.Text, StringComparison.Ordinal);

        var chosen = await browser.SubmitAsync(page, "/theme", new() { ["theme"] = "dark" }, Ct);

        Assert.Equal((HttpStatusCode.Found, "/auth/sign-in"), (chosen.Status, chosen.Location));
        Assert.Contains("data-theme=\"dark\"", (await browser.GetAsync("/", Ct)).Text, StringComparison.Ordinal);
    }

    [GeneratedRegex("'nonce-(?<nonce>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Nonce();

    [GeneratedRegex("<script(?![^>]*\\ssrc=)[^>]*>|<style[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex InlineScript();

    [GeneratedRegex("(src|href|action)=\"(https?:)?//", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Foreign();

    [GeneratedRegex("rel=\"stylesheet\" href=\"(?<path>[^\"/][^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StyleSheet();

    [GeneratedRegex("href=\"(?<path>/fonts\\.css[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FontSheet();

    [GeneratedRegex("rel=\"preload\" href=\"(?<path>[^\"]+woff2)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Preloaded();
}
