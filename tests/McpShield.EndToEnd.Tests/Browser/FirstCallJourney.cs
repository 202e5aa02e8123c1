using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpShield.EndToEnd.Tests.Browser;

/// <summary>From nothing to a decision of one's own, and what a new user meets on the way.</summary>
public sealed partial class FirstCallJourney(RunningShield shield, Chromium chromium) : IClassFixture<RunningShield>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_signing_up_to_a_call_that_is_seen_live_and_a_rule_made_of_it()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        var email = Registration.NewEmail();

        await page.GotoAsync("/auth/sign-up");
        await page.Locator("[name=first_name]").FillAsync("Grace");
        await page.Locator("[name=last_name]").FillAsync("Hopper");
        await page.Locator("[name=email]").FillAsync(email);
        await page.Locator("[name=password]").FillAsync(Registration.Password);
        await page.Locator("[name=confirm]").FillAsync(Registration.Password);
        await Press(page, "Sign up");
        await Expect(page).ToHaveURLAsync(new Regex("/auth/verify-otp$"));
        Assert.DoesNotContain("@", page.Url, StringComparison.Ordinal);

        // The sixth digit sends it.
        await page.GetByLabel("Digit 1").FillAsync(await CodeAsync(email));
        await Expect(page).ToHaveURLAsync(new Regex("/auth/sign-in"));
        await new Somebody(email, null!).SignInAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "New project" }).ClickAsync();
        await page.Locator("[name=name]").FillAsync("Payments");
        await Press(page, "Create the project");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Until the first call" })).ToBeVisibleAsync();
        var project = new Uri(page.Url).AbsolutePath;

        await page.GotoAsync($"{project}/policy");
        await WriteAsync(page, "version: 1\ndefault: deny\nrules:\n  - id: refunds\n    tool: payments.refund\n    decision: allow\n");
        await Press(page, "Save");
        await Expect(page.GetByText("Version 2 is in force.")).ToBeVisibleAsync();

        await page.GotoAsync($"{project}/keys");
        await page.Locator("[name=agent]").FillAsync("support-bot");
        await Press(page, "Create the key");
        var key = KeyText().Match(await page.Locator("main").InnerTextAsync()).Value;
        Assert.NotEmpty(key);
        await page.GetByRole(AriaRole.Link, new() { Name = "Watch for its first call" }).ClickAsync();
        await Expect(page.GetByText("Waiting for the next call.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Live", new() { Exact = true }).First).ToBeVisibleAsync();

        Assert.Equal("allow", await DecideAsync(key));
        await page.GetByLabel("Live", new() { Exact = true }).GetByRole(AriaRole.Link, new() { Name = "payments.refund" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Make a rule from this" }).ClickAsync();
        await Expect(page.Locator("[name=policy_yaml]")).ToHaveValueAsync(new Regex("deny-payments-refund"));
        await Press(page, "Save");
        await Expect(page.GetByText("Version 3 is in force.")).ToBeVisibleAsync();

        while (await DecideAsync(key) != "deny") Ct.ThrowIfCancellationRequested();
        visit.IsClean();
    }

    [Fact]
    public async Task A_broken_policy_is_shown_with_its_places_and_not_saved()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        var ada = await Somebody.RegisterAsync(shield.Url, Ct);
        var project = await ada.Api.Projects.CreateAsync(new("Payments"), Ct);
        await page.GotoAsync($"/app/projects/{project.Id}/policy");
        await ada.SignInAsync(page);

        await WriteAsync(page, "version: 1\nrules:\n  - id: a\n    tool: x\n    decision: perhaps\n");
        await Press(page, "Save");

        await Expect(page.Locator("[data-diagnostics]").GetByText("5:", new() { Exact = false }).First).ToBeVisibleAsync();
        Assert.Equal(1, (await ada.Api.Policies.GetAsync(project.Id, Ct)).Version);
    }

    [Fact]
    public async Task The_free_plans_project_limit_leads_to_an_upgrade_and_on()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        var ada = await Somebody.RegisterAsync(shield.Url, Ct);
        await ada.Api.Projects.CreateAsync(new("One"), Ct);
        await page.GotoAsync("/app/projects/new");
        await ada.SignInAsync(page);

        await page.Locator("[name=name]").FillAsync("Two");
        await Press(page, "Create the project");
        await page.GetByRole(AriaRole.Link, new() { Name = "See the plans" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Change to Pro" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Change, for" }).ClickAsync();
        await Expect(page.GetByText("The plan is in force.")).ToBeVisibleAsync();
        await page.GotoAsync("/app/projects/new");
        await page.Locator("[name=name]").FillAsync("Two");
        await Press(page, "Create the project");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Two" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_forgotten_password_is_chosen_anew()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        var ada = await Somebody.RegisterAsync(shield.Url, Ct);
        const string fresh = "another horse battery";

        await page.GotoAsync("/auth/forgot-password");
        await page.Locator("[name=email]").FillAsync(ada.Email);
        await Press(page, "Send the code");
        await Expect(page).ToHaveURLAsync(new Regex("/auth/verify-otp$"));
        await page.GetByLabel("Digit 1").FillAsync(await CodeAsync(ada.Email));
        await Expect(page).ToHaveURLAsync(new Regex("/auth/reset-password$"));
        await page.Locator("[name=password]").FillAsync(fresh);
        await page.Locator("[name=confirm]").FillAsync(fresh);
        await Press(page, "Set the password");
        await page.Locator("[name=email]").FillAsync(ada.Email);
        await page.Locator("[name=password]").FillAsync(fresh);
        await Press(page, "Sign in");

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
        visit.IsClean();
    }

    [Fact]
    public async Task A_revoked_key_is_refused_and_a_deleted_account_is_gone()
    {
        await using var visit = await chromium.VisitAsync(shield.Web, Ct);
        var page = visit.Page;
        var ada = await Somebody.RegisterAsync(shield.Url, Ct);
        var project = await ada.Api.Projects.CreateAsync(new("Payments"), Ct);
        var key = await ada.Api.Keys.CreateAsync(project.Id, new("bot"), Ct);
        while (await DecideAsync(key.Key) != "deny") Ct.ThrowIfCancellationRequested();
        await page.GotoAsync($"/app/projects/{project.Id}/keys");
        await ada.SignInAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Revoke" }).ClickAsync();
        await Press(page, "Revoke the key");
        await Expect(page.GetByText("The key is revoked.")).ToBeVisibleAsync();
        while (await DecideAsync(key.Key) is not null) Ct.ThrowIfCancellationRequested();

        await page.GotoAsync("/app/settings/delete");
        await page.Locator("[name=password]").FillAsync(Registration.Password);
        await Press(page, "Delete my account and everything in it");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your account is gone" })).ToBeVisibleAsync();
        await Assert.ThrowsAsync<Contracts.Client.ShieldProblem>(() => ada.Api.Auth.LoginAsync(new(ada.Email, Registration.Password), Ct));
    }

    private static Task Press(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    private static async Task WriteAsync(IPage page, string policy)
    {
        // Typing would be indented and completed by the editor; a paste is what it says.
        var editor = page.Locator(".cm-content");
        await editor.ClickAsync();
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.PressAsync("Delete");
        await page.Keyboard.InsertTextAsync(policy);
    }

    private async Task<string> CodeAsync(string email)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = shield.Url };
        return await Registration.CodeAsync(new(http), email, Ct);
    }

    // A decision over HTTP, as a program with a key asks for it; null: the key opens nothing.
    private async Task<string?> DecideAsync(string key)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = shield.Url, DefaultRequestHeaders = { { "X-API-Key", key } } };
        using var answer = await http.PostAsJsonAsync("/policy/evaluate", new JsonObject { ["tool"] = "payments.refund", ["arguments"] = new JsonObject { ["amount"] = 20 } }, Ct);
        return answer.IsSuccessStatusCode ? (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["decision"] : null;
    }

    [GeneratedRegex("mcps_[A-Za-z0-9_-]{43}", RegexOptions.None, 1000)]
    private static partial Regex KeyText();
}
