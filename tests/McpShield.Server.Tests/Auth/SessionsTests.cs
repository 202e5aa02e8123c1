using System.Net;

namespace McpShield.Server.Tests.Auth;

public sealed class SessionsTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Signing_out_ends_the_session_at_once_and_takes_the_cookie_away()
    {
        var ada = await server.EnterAsync(Ct);

        using var answer = await ada.Http.PostAsync("/auth/logout", content: null, Ct);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.StartsWith("mcpshield_refresh=;", answer.CookieOf(), StringComparison.Ordinal);
        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");
    }

    [Fact]
    public async Task A_session_that_is_ended_elsewhere_is_over()
    {
        var ada = await server.VerifyAsync(Ct);
        var first = await ada.SignInAsync(Ct);
        var old = (await ada.Api.Auth.ListSessionsAsync(Ct)).Items.Single();
        await ada.SignInAsync(Ct);

        await ada.Api.Auth.EndSessionAsync(old.Id, Ct);

        Assert.True(Assert.Single((await ada.Api.Auth.ListSessionsAsync(Ct)).Items).IsCurrent);
        ada.Use(first);
        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");
    }

    [Fact]
    public async Task The_session_of_a_stranger_does_not_exist()
    {
        var (ada, eve) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("eve", Ct));
        var session = (await ada.Api.Auth.ListSessionsAsync(Ct)).Items.Single();

        await Answers.RefusedAsync(() => eve.Api.Auth.EndSessionAsync(session.Id, Ct), HttpStatusCode.NotFound, "session.not-found");

        Assert.Single((await ada.Api.Auth.ListSessionsAsync(Ct)).Items);
    }

    [Fact]
    public async Task All_other_sessions_end_together()
    {
        var ada = await server.VerifyAsync(Ct);
        for (var i = 0; i < 3; i++) await ada.SignInAsync(Ct);

        Assert.Equal(2, (await ada.Api.Auth.EndOtherSessionsAsync(Ct)).Ended);

        Assert.True(Assert.Single((await ada.Api.Auth.ListSessionsAsync(Ct)).Items).IsCurrent);
    }

    [Theory]
    [InlineData("GET", "/auth/sessions")]
    [InlineData("DELETE", "/auth/sessions")]
    [InlineData("DELETE", "/auth/sessions/01939000-0000-7000-8000-000000000001")]
    [InlineData("POST", "/auth/logout")]
    [InlineData("POST", "/auth/device/confirm")]
    [InlineData("GET", "/me")]
    [InlineData("PATCH", "/me")]
    [InlineData("DELETE", "/me")]
    [InlineData("GET", "/me/settings")]
    [InlineData("PUT", "/me/settings")]
    [InlineData("POST", "/me/password")]
    [InlineData("GET", "/me/export")]
    public async Task Nobody_comes_here_without_signing_in(string method, string path)
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.SendAsync(new(new(method), path), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }
}
