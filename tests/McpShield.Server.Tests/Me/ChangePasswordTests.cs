using System.Net;
using McpShield.Contracts.Client;
using McpShield.Server.Tests.Auth;

namespace McpShield.Server.Tests.Me;

public sealed class ChangePasswordTests(ShieldServer server)
{
    private const string Another = "quite another password";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_password_ends_the_other_sessions_and_keeps_this_one()
    {
        var ada = await server.VerifyAsync(Ct);
        var old = await ada.SignInAsync(Ct);
        var current = await ada.SignInAsync(Ct);

        await ada.Api.Me.ChangePasswordAsync(new(Account.Password, Another), Ct);

        Assert.Single((await ada.Api.Auth.ListSessionsAsync(Ct)).Items);
        Assert.Equal("password_changed", (await ada.MailsAsync(Ct))[0].Kind);
        ada.Use(old);
        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");
        await ada.SignInAsync(Ct, Another);
        await server.RecordedAsync(current.User.OrganizationId, "account.password-changed", Ct);
    }

    [Fact]
    public async Task An_open_session_does_not_guess_the_password()
    {
        var ada = await server.EnterAsync(Ct);
        for (var i = 0; i < 5; i++) await Answers.RefusedAsync(() => ada.Api.Me.ChangePasswordAsync(new("not the password", Another), Ct), HttpStatusCode.Forbidden, "password.wrong");

        await Answers.RefusedAsync(() => ada.Api.Me.ChangePasswordAsync(new(Account.Password, Another), Ct), HttpStatusCode.TooManyRequests, "auth.too-many-tries");
    }

    [Fact]
    public async Task A_password_that_anybody_would_guess_is_not_taken()
    {
        var ada = await server.EnterAsync(Ct);

        var problem = await Answers.RefusedAsync(() => ada.Api.Me.ChangePasswordAsync(new(Account.Password, "qwertyuiop123"), Ct), HttpStatusCode.BadRequest, "validation");

        Assert.True(problem.Errors.ContainsKey("new_password"));
    }

    [Fact]
    public async Task Whoever_has_no_password_and_signed_in_a_while_ago_signs_in_again_first()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var old = await server.SignInBeforeAsync(ada, TimeSpan.FromMinutes(16), Ct);
        var api = new ShieldClient(old);

        await Answers.RefusedAsync(() => api.Me.ChangePasswordAsync(new(null, Another), Ct), HttpStatusCode.Forbidden, "session.not-fresh");
        await Answers.RefusedAsync(() => api.Me.DeleteAsync(new(), Ct), HttpStatusCode.Forbidden, "session.not-fresh");

        Assert.False((await ada.Api.Me.GetAsync(Ct)).HasPassword);
    }

    [Fact]
    public async Task Whoever_has_no_password_sets_one_right_after_signing_in()
    {
        var ada = await server.SignInAsync("ada", Ct);

        await ada.Api.Me.ChangePasswordAsync(new(null, Another), Ct);

        Assert.True((await ada.Api.Me.GetAsync(Ct)).HasPassword);
        Assert.Equal(ada.Email, (await ada.Api.Auth.LoginAsync(new(ada.Email, Another), Ct)).User.Email);
    }
}
