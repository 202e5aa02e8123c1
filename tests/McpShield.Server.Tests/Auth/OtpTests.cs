using System.Net;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Auth;

public sealed class OtpTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_code_takes_the_place_of_the_one_before()
    {
        var ada = await server.RegisterAsync(Ct);
        var first = await ada.CodeAsync(Ct);

        await ada.Api.Auth.RequestOtpAsync(new(ada.Email, OtpPurposes.VerifyEmail), Ct);

        var second = await ada.CodeAsync(Ct);
        if (first != second) await Answers.RefusedAsync(() => ada.Api.Auth.VerifyOtpAsync(new(ada.Email, first, OtpPurposes.VerifyEmail), Ct), HttpStatusCode.BadRequest, "otp.invalid");
        Assert.True((await ada.Api.Auth.VerifyOtpAsync(new(ada.Email, second, OtpPurposes.VerifyEmail), Ct)).Verified);
    }

    [Theory]
    [InlineData(OtpPurposes.VerifyEmail)]
    [InlineData(OtpPurposes.ResetPassword)]
    public async Task Nothing_in_the_answer_tells_whether_the_address_has_an_account(string purpose)
    {
        var (known, nobody) = (await server.VerifyAsync(Ct), new Account(server.Visitor()));

        var faces = new List<string>();
        foreach (var account in new[] { known, nobody })
        {
            for (var i = 0; i < 4; i++)
            {
                using var answer = await account.Http.PostAsync("/auth/otp/request", Answers.Json($$"""{"email": "{{account.Email}}", "purpose": "{{purpose}}"}"""), Ct);
                Assert.Equal(i < 3 ? HttpStatusCode.Accepted : HttpStatusCode.TooManyRequests, answer.StatusCode);
                if (i == 3) Assert.InRange(answer.RetryAfter(), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
                else faces.Add(await answer.FaceAsync(Ct));
            }
        }

        Assert.Single(faces.Distinct(StringComparer.Ordinal));
        Assert.Empty(await nobody.MailsAsync(Ct));
    }

    [Fact]
    public async Task After_five_wrong_tries_the_right_code_is_void()
    {
        var ada = await server.RegisterAsync(Ct);
        var code = await ada.CodeAsync(Ct);
        for (var i = 0; i < 5; i++) await Answers.RefusedAsync(() => ada.Api.Auth.VerifyOtpAsync(new(ada.Email, Account.Wrong(code), OtpPurposes.VerifyEmail), Ct), HttpStatusCode.BadRequest, "otp.invalid");

        await Answers.RefusedAsync(() => ada.Api.Auth.VerifyOtpAsync(new(ada.Email, code, OtpPurposes.VerifyEmail), Ct), HttpStatusCode.BadRequest, "otp.invalid");
    }

    [Fact]
    public async Task A_code_works_once_and_for_its_purpose_only()
    {
        var ada = await server.RegisterAsync(Ct);
        var code = await ada.CodeAsync(Ct);

        await Answers.RefusedAsync(() => ada.Api.Auth.VerifyOtpAsync(new(ada.Email, code, OtpPurposes.ResetPassword), Ct), HttpStatusCode.BadRequest, "otp.invalid");
        await ada.Api.Auth.VerifyOtpAsync(new(ada.Email, code, OtpPurposes.VerifyEmail), Ct);
        await Answers.RefusedAsync(() => ada.Api.Auth.VerifyOtpAsync(new(ada.Email, code, OtpPurposes.VerifyEmail), Ct), HttpStatusCode.BadRequest, "otp.invalid");
    }

    [Fact]
    public async Task An_unknown_purpose_is_named()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/auth/otp/request", Answers.Json("""{"email": "a@example.com", "purpose": "fun"}"""), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]!["purpose"]);
    }
}
