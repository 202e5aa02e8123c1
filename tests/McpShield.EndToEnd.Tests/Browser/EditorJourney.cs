using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

/// <summary>The policy editor under the strict content security policy.</summary>
public sealed class EditorJourney(RunningShield shield, Chromium chromium) : IClassFixture<RunningShield>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_editor_completes_explains_and_marks_what_is_wrong()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        await OpenAsync(page);
        var editor = page.Locator(".cm-content");

        await editor.ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync("mod");
        await page.Locator(".cm-tooltip-autocomplete li").GetByText("mode").ClickAsync();
        await page.Keyboard.TypeAsync("sha");
        await Expect(page.Locator(".cm-tooltip-autocomplete")).ToContainTextAsync("shadow");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".cm-lint-marker-error").First).ToBeVisibleAsync();
        await page.Keyboard.TypeAsync("dow");
        await Expect(page.Locator(".cm-lint-marker-error")).ToHaveCountAsync(0);
        await page.Locator(".cm-line").GetByText("default", new() { Exact = true }).First.HoverAsync();
        await Expect(page.Locator(".cm-hover")).ToBeVisibleAsync();

        visit.IsClean();
    }

    [Fact]
    public async Task It_opens_after_navigating_within_the_page_too()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        var address = await OpenAsync(page);
        await page.GotoAsync("/app");

        await page.EvaluateAsync("address => Blazor.navigateTo(address)", address);

        await Expect(page.Locator(".cm-content")).ToBeVisibleAsync();
        await page.Locator(".cm-content").ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync("mod");
        await Expect(page.Locator(".cm-tooltip-autocomplete")).ToBeVisibleAsync();
        visit.IsClean();
    }

    private async Task<string> OpenAsync(IPage page)
    {
        var ada = await Somebody.RegisterAsync(shield.Url, Ct);
        var project = await ada.Api.Projects.CreateAsync(new("Payments"), Ct);
        var address = $"/app/projects/{project.Id}/policy";
        await page.GotoAsync(address);
        await ada.SignInAsync(page);
        await Expect(page.Locator(".cm-content")).ToBeVisibleAsync();
        return address;
    }
}
