using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

/// <summary>The policy editor on an island: strict content security policy, WebSockets only, the API asked from the server.</summary>
public sealed class EditorJourney(RunningShield shield, Chromium chromium) : IClassFixture<RunningShield>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_editor_completes_explains_and_marks_what_is_wrong()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        await page.GotoAsync("/dev/editor");
        var editor = page.Locator(".cm-content");
        await Expect(editor).ToBeVisibleAsync();

        await editor.ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync("mod");
        await page.Locator(".cm-tooltip-autocomplete li").GetByText("mode").ClickAsync();
        await Expect(page.Locator(".cm-tooltip-autocomplete")).ToContainTextAsync("shadow");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.TypeAsync("nonsense");
        await Expect(page.Locator(".cm-lint-marker-error")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Shift+Home");
        await page.Keyboard.TypeAsync("mode: enforce");
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "allow" })).ToBeVisibleAsync();
        await Expect(page.Locator(".cm-lint-marker-error")).ToHaveCountAsync(0);
        await page.GetByText("decision", new() { Exact = true }).HoverAsync();
        await Expect(page.Locator(".editor-hover")).ToBeVisibleAsync();

        visit.IsClean();
    }

    [Fact]
    public async Task Without_script_the_policy_is_a_text_area()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct, new() { JavaScriptEnabled = false });

        await visit.Page.GotoAsync("/dev/editor");

        await Expect(visit.Page.GetByLabel("Policy")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("version: 1"));
    }

    [Fact]
    public async Task An_island_opens_after_navigating_within_the_page()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        await page.GotoAsync("/");

        await page.EvaluateAsync("Blazor.navigateTo('/dev/editor')");

        await Expect(page.Locator(".cm-content")).ToBeVisibleAsync();
        visit.IsClean();
    }
}
