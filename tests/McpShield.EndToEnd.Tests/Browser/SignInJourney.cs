using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

public sealed partial class SignInJourney(RunningShield shield, Chromium chromium) : IClassFixture<RunningShield>
{
    private const string Password = "correct horse battery";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_visitor_looks_around_signs_in_sees_the_dashboard_and_leaves()
    {
        var email = await RegisterAsync();
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;

        await page.GotoAsync("/");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await page.GotoAsync("/app");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.Locator("#f-password").FillAsync(Password);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(shield.Web, "/app").ToString());
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Heading, new() { Name = "Hello Ada" })).ToBeVisibleAsync();
        Assert.DoesNotContain("mcpshield_web", await page.EvaluateAsync<string>("document.cookie"), StringComparison.Ordinal);

        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Sign in" })).ToBeVisibleAsync();

        visit.IsClean();
    }

    [Fact]
    public async Task A_theme_changes_at_once_and_is_there_at_the_next_visit()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;

        await page.GotoAsync("/");
        await page.Locator("[data-theme-switch] button").ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        visit.IsClean();
    }

    private async Task<string> RegisterAsync()
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = shield.Url };
        var email = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        using var registered = await http.PostAsJsonAsync("/auth/register", new JsonObject { ["email"] = email, ["password"] = Password, ["first_name"] = "Ada", ["last_name"] = "Lovelace" }, Ct);
        Assert.True(registered.IsSuccessStatusCode);
        var mails = await http.GetFromJsonAsync<JsonNode>($"/dev/outbox?to={email}", Ct);
        var code = Digits().Match((string)mails!["items"]![0]!["text"]!).Value;
        using var verified = await http.PostAsJsonAsync("/auth/otp/verify", new JsonObject { ["email"] = email, ["code"] = code, ["purpose"] = "verify_email" }, Ct);
        Assert.True(verified.IsSuccessStatusCode);
        return email;
    }

    [GeneratedRegex(@"\b\d{6}\b", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
