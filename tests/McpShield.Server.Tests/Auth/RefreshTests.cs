using System.Net;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Auth;

public sealed class RefreshTests(ShieldServer server, ClockedServer clocked) : IClassFixture<ClockedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_racing_copies_get_one_pair()
    {
        var ada = await server.VerifyAsync(Ct);
        var tokens = await ada.SignInAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ada.Api.Auth.RefreshAsync(new(tokens.RefreshToken), Ct)));

        Assert.Single(answers.Distinct());
        ada.Use(answers[0]);
        Assert.Single((await ada.Api.Auth.ListSessionsAsync(Ct)).Items);
    }

    [Fact]
    public async Task A_token_that_comes_again_later_ends_the_session_and_its_owner_learns_it()
    {
        var ada = await ClockedAsync();
        var first = await ada.SignInAsync(Ct);
        var second = await ada.Api.Auth.RefreshAsync(new(first.RefreshToken), Ct);
        clocked.Clock.Advance(TimeSpan.FromSeconds(11));

        await Answers.RefusedAsync(() => ada.Api.Auth.RefreshAsync(new(first.RefreshToken), Ct), HttpStatusCode.Unauthorized, "auth.refresh-reused");

        await Answers.RefusedAsync(() => ada.Api.Auth.RefreshAsync(new(second.RefreshToken), Ct), HttpStatusCode.Unauthorized, "auth.refresh-invalid");
        ada.Use(second);
        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");
        Assert.Equal("security", (await ada.MailsAsync(Ct))[0].Kind);
    }

    [Fact]
    public async Task An_access_token_is_good_for_fifteen_minutes_and_a_session_for_a_day_without_use()
    {
        var ada = await ClockedAsync();
        var tokens = await ada.SignInAsync(Ct);
        clocked.Clock.Advance(TimeSpan.FromMinutes(16));
        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");

        tokens = await ada.Api.Auth.RefreshAsync(new(tokens.RefreshToken), Ct);
        ada.Use(tokens);
        await ada.Api.Me.GetAsync(Ct);
        clocked.Clock.Advance(TimeSpan.FromHours(25));
        await Answers.RefusedAsync(() => ada.Api.Auth.RefreshAsync(new(tokens.RefreshToken), Ct), HttpStatusCode.Unauthorized, "auth.refresh-invalid");
    }

    [Fact]
    public async Task A_code_is_good_for_ten_minutes()
    {
        var ada = new Account(ShieldServer.Visitor(clocked.Url));
        await ada.Api.Auth.RegisterAsync(ada.Registration, Ct);
        clocked.Clock.Advance(TimeSpan.FromMinutes(10));

        await Answers.RefusedAsync(async () => await ada.Api.Auth.VerifyOtpAsync(new(ada.Email, await ada.CodeAsync(Ct), OtpPurposes.VerifyEmail), Ct), HttpStatusCode.BadRequest, "otp.invalid");
    }

    [Fact]
    public async Task The_cookie_is_taken_from_our_own_pages_only()
    {
        var ada = await server.VerifyAsync(Ct);
        var tokens = await ada.SignInAsync(Ct);

        Assert.Equal(HttpStatusCode.Forbidden, await ByCookieAsync(ada, tokens, origin: null, isScript: false));
        Assert.Equal(HttpStatusCode.Forbidden, await ByCookieAsync(ada, tokens, "https://evil.example", isScript: true));
        Assert.Equal(HttpStatusCode.OK, await ByCookieAsync(ada, tokens, "http://localhost:3000", isScript: true));
    }

    [Theory]
    [InlineData("""{"refresh_token": "no token at all"}""")]
    [InlineData("{}")]
    public async Task Something_that_is_no_token_is_refused(string body)
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/auth/refresh", Answers.Json(body), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.refresh-invalid", Ct);
    }

    [Fact]
    public async Task A_suspended_person_stays_out()
    {
        var ada = await server.VerifyAsync(Ct);
        var tokens = await ada.SignInAsync(Ct);
        await server.SuspendAsync(ada, Ct);

        await Answers.RefusedAsync(() => ada.Api.Auth.RefreshAsync(new(tokens.RefreshToken), Ct), HttpStatusCode.Unauthorized, "auth.refresh-invalid");
    }

    private async Task<Account> ClockedAsync()
    {
        var account = new Account(ShieldServer.Visitor(clocked.Url));
        await account.Api.Auth.RegisterAsync(account.Registration, Ct);
        await account.Api.Auth.VerifyOtpAsync(new(account.Email, await account.CodeAsync(Ct), OtpPurposes.VerifyEmail), Ct);
        return account;
    }

    private static async Task<HttpStatusCode> ByCookieAsync(Account account, TokenResponse tokens, string? origin, bool isScript)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/refresh") { Headers = { { "Cookie", $"mcpshield_refresh={tokens.RefreshToken}" } } };
        if (origin is not null) request.Headers.Add("Origin", origin);
        if (isScript) request.Headers.Add("X-Requested-With", "fetch");
        using var answer = await account.Http.SendAsync(request, Ct);
        if (answer.StatusCode == HttpStatusCode.Forbidden) await answer.IsProblemAsync(HttpStatusCode.Forbidden, "auth.foreign-page", Ct);
        return answer.StatusCode;
    }
}
