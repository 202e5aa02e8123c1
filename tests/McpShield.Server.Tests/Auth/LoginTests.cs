using System.Net;

namespace McpShield.Server.Tests.Auth;

public sealed class LoginTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_refresh_token_is_also_a_cookie_that_no_script_reads()
    {
        var ada = await server.VerifyAsync(Ct);

        using var answer = await LoginAsync(ada, Account.Password, ", \"remember_me\": true");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cookie = answer.CookieOf()!;
        Assert.StartsWith("mcpshield_refresh=" + (string?)(await answer.JsonAsync(Ct))["refresh_token"], cookie, StringComparison.Ordinal);
        Assert.All(["httponly", "samesite=strict", "path=/auth", "expires="], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Without_being_remembered_the_session_lives_a_day_and_with_it_thirty()
    {
        var ada = await server.VerifyAsync(Ct);
        await ada.SignInAsync(Ct, remember: true);
        await ada.SignInAsync(Ct);

        var lives = (await ada.Api.Auth.ListSessionsAsync(Ct)).Items.Select(static session => session.ExpiresAt - session.LastUsedAt);

        Assert.Equal([TimeSpan.FromHours(24), TimeSpan.FromDays(30)], lives);
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_address_and_a_suspended_account_are_one_answer()
    {
        var (ada, bob, nobody) = (await server.VerifyAsync(Ct), await server.VerifyAsync(Ct), new Account(server.Visitor()));
        await server.SuspendAsync(bob, Ct);

        var faces = new List<string>();
        foreach (var (account, password) in new[] { (ada, "not the password"), (bob, Account.Password), (nobody, Account.Password) })
        {
            using var answer = await LoginAsync(account, password);
            await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.wrong", Ct);
            faces.Add(await answer.FaceAsync(Ct));
        }

        Assert.Single(faces.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_who_knows_the_password_learns_that_the_address_is_not_verified()
    {
        var ada = await server.RegisterAsync(Ct);

        await Answers.RefusedAsync(() => ada.SignInAsync(Ct, "not the password"), HttpStatusCode.Unauthorized, "auth.wrong");
        await Answers.RefusedAsync(() => ada.SignInAsync(Ct), HttpStatusCode.Forbidden, "auth.email-not-verified");
    }

    [Fact]
    public async Task After_five_tries_not_even_the_right_password_opens_from_there()
    {
        var ada = await server.VerifyAsync(Ct);
        for (var i = 0; i < 5; i++) await Answers.RefusedAsync(() => ada.SignInAsync(Ct, "not the password"), HttpStatusCode.Unauthorized, "auth.wrong");

        using var answer = await LoginAsync(ada, Account.Password);

        await answer.IsProblemAsync(HttpStatusCode.TooManyRequests, "auth.too-many-tries", Ct);
        Assert.InRange(answer.RetryAfter(), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));
        using var elsewhere = server.Visitor();
        using var other = await elsewhere.PostAsync("/auth/login", Answers.Json($$"""{"email": "{{ada.Email}}", "password": "{{Account.Password}}"}"""), Ct);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Signing_in_forgets_the_tries_before()
    {
        var ada = await server.VerifyAsync(Ct);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++) await Answers.RefusedAsync(() => ada.SignInAsync(Ct, "not the password"), HttpStatusCode.Unauthorized, "auth.wrong");
            await ada.SignInAsync(Ct);
        }
    }

    [Fact]
    public async Task Signing_in_is_on_record()
    {
        var ada = await server.VerifyAsync(Ct);

        var tokens = await ada.SignInAsync(Ct);

        await server.RecordedAsync(tokens.User.OrganizationId, "session.started", Ct);
    }

    private static Task<HttpResponseMessage> LoginAsync(Account account, string password, string more = "") =>
        account.Http.PostAsync("/auth/login", Answers.Json($$"""{"email": "{{account.Email}}", "password": "{{password}}"{{more}}}"""), Ct);
}
