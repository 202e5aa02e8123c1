using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

/// <summary>Somebody with an account, whom a journey follows.</summary>
internal sealed partial record Somebody(string Email, ShieldClient Api)
{
    public const string Password = "correct horse battery";

    public static async Task<Somebody> RegisterAsync(Uri api, CancellationToken ct)
    {
        var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = api };
        var client = new ShieldClient(http);
        var email = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        await client.Auth.RegisterAsync(new(email, Password, "Ada", "Lovelace"), ct);
        var code = Digits().Match((await client.Outbox.ListAsync(ct, email)).Items[0].Text).Value;
        await client.Auth.VerifyOtpAsync(new(email, code, OtpPurposes.VerifyEmail), ct);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await client.Auth.LoginAsync(new(email, Password), ct)).AccessToken);
        return new(email, client);
    }

    /// <summary>Fills in the sign-in page that the browser shows.</summary>
    public async Task SignInAsync(IPage page)
    {
        await page.Locator("[name=email]").FillAsync(Email);
        await page.Locator("[name=password]").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
    }

    [GeneratedRegex(@"\b\d{6}\b", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
