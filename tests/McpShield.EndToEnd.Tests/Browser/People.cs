using System.Net.Http.Headers;
using McpShield.Contracts.Client;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

/// <summary>Somebody with an account, whom a journey follows.</summary>
internal sealed record Somebody(string Email, ShieldClient Api)
{
    public static async Task<Somebody> RegisterAsync(Uri api, CancellationToken ct)
    {
        var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = api };
        var client = new ShieldClient(http);
        var email = await Registration.RegisterAsync(client, ct);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await client.Auth.LoginAsync(new(email, Registration.Password), ct)).AccessToken);
        return new(email, client);
    }

    /// <summary>Fills in the sign-in page that the browser shows.</summary>
    public async Task SignInAsync(IPage page)
    {
        await page.Locator("[name=email]").FillAsync(Email);
        await page.Locator("[name=password]").FillAsync(Registration.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
    }
}
