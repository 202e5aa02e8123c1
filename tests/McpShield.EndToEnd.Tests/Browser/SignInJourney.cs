using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

public sealed class SignInJourney(RunningShield shield, Chromium chromium) : IClassFixture<RunningShield>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_visitor_looks_around_signs_in_sees_the_dashboard_and_leaves()
    {
        var ada = await Somebody.RegisterAsync(shield.Url, Ct);
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;

        await page.GotoAsync("/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await page.GotoAsync("/app");
        await ada.SignInAsync(page);
        await Expect(page).ToHaveURLAsync(new Uri(shield.Web, "/app").ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Hello Ada");
        Assert.DoesNotContain("mcpshield_web", await page.EvaluateAsync<string>("document.cookie"), StringComparison.Ordinal);
        Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).First).ToBeVisibleAsync();

        visit.IsClean();
    }

    [Fact]
    public async Task A_theme_changes_at_once_and_is_there_at_the_next_visit()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct, new() { ColorScheme = ColorScheme.Light });
        var page = visit.Page;

        await page.GotoAsync("/");
        await page.Locator("[data-theme-switch] button").First.ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        visit.IsClean();
    }
}
