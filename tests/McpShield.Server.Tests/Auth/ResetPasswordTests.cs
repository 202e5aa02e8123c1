using System.Net;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Auth;

public sealed class ResetPasswordTests(ShieldServer server)
{
    private const string Another = "quite another password";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reset_sets_the_password_ends_every_session_and_tells_the_owner()
    {
        var ada = await server.EnterAsync(Ct);
        var token = await TokenAsync(ada);

        await ada.Api.Auth.ResetPasswordAsync(new(token, Another), Ct);

        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");
        await Answers.RefusedAsync(() => ada.SignInAsync(Ct), HttpStatusCode.Unauthorized, "auth.wrong");
        Assert.Equal("password_changed", (await ada.MailsAsync(Ct))[0].Kind);
        var tokens = await ada.SignInAsync(Ct, Another);
        await server.RecordedAsync(tokens.User.OrganizationId, "account.password-reset", Ct);
    }

    [Fact]
    public async Task A_token_works_once()
    {
        var ada = await server.VerifyAsync(Ct);
        var token = await TokenAsync(ada);
        await ada.Api.Auth.ResetPasswordAsync(new(token, Another), Ct);

        await Answers.RefusedAsync(() => ada.Api.Auth.ResetPasswordAsync(new(token, Another), Ct), HttpStatusCode.BadRequest, "reset.invalid");
    }

    [Fact]
    public async Task A_password_that_is_not_taken_does_not_use_the_token_up()
    {
        var ada = await server.VerifyAsync(Ct);
        var token = await TokenAsync(ada);

        await Answers.RefusedAsync(() => ada.Api.Auth.ResetPasswordAsync(new(token, "password123"), Ct), HttpStatusCode.BadRequest, "validation");

        await ada.Api.Auth.ResetPasswordAsync(new(token, Another), Ct);
    }

    private static async Task<string> TokenAsync(Account account)
    {
        await account.Api.Auth.RequestOtpAsync(new(account.Email, OtpPurposes.ResetPassword), Ct);
        return (await account.Api.Auth.VerifyOtpAsync(new(account.Email, await account.CodeAsync(Ct), OtpPurposes.ResetPassword), Ct)).ResetToken!;
    }
}
