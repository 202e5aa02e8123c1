using System.Net;

namespace McpShield.Web.Tests;

/// <summary>What foreign pages can do with a visitor's cookies: nothing.</summary>
public sealed class DoorTests(WebServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/auth/sign-out")]
    [InlineData("/auth/sign-in")]
    [InlineData("/theme")]
    public async Task A_form_of_a_foreign_page_is_turned_away(string action)
    {
        using var browser = new Browser(server.Url);
        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);

        var refused = await browser.PostAsync(action, [], Ct, ("Origin", "https://evil.example"));
        var nameless = await browser.PostAsync(action, [], Ct, ("Origin", "null"));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (refused.Status, nameless.Status));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/app", Ct)).Status);
    }

    [Theory]
    [InlineData("/auth/sign-out")]
    [InlineData("/auth/sign-in")]
    [InlineData("/theme")]
    public async Task A_form_without_its_token_is_refused(string action)
    {
        using var browser = new Browser(server.Url);
        await browser.SignInAsync(await server.RegisterAsync(Ct), Ct);

        var refused = await browser.PostAsync(action, new() { ["_handler"] = "sign-in", ["theme"] = "dark" }, Ct, ("Origin", server.Url.GetLeftPart(UriPartial.Authority)));

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.DoesNotContain("mcpshield_theme", browser.Cookies.Keys);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/app", Ct)).Status);
    }

    [Fact]
    public async Task A_form_with_the_token_of_somebody_else_is_refused()
    {
        using var eve = new Browser(server.Url);
        using var ada = new Browser(server.Url);
        await eve.SignInAsync(await server.RegisterAsync(Ct), Ct);
        await ada.SignInAsync(await server.RegisterAsync(Ct), Ct);

        var refused = await ada.SubmitAsync(await eve.GetAsync("/app", Ct), "/auth/sign-out", [], Ct);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
    }

    [Fact]
    public async Task An_island_is_opened_by_our_own_pages_only_and_without_negotiation()
    {
        using var browser = new Browser(server.Url);

        var foreign = await browser.GetAsync("/_blazor", Ct, ("Origin", "https://evil.example"), ("Upgrade", "websocket"), ("Connection", "Upgrade"));
        var negotiated = await browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", [], Ct);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.NotFound), (foreign.Status, negotiated.Status));
    }
}
