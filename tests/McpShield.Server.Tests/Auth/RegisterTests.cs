using System.Net;
using System.Text.Json;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Auth;

public sealed class RegisterTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_account_is_sent_a_code_of_six_digits()
    {
        var ada = await server.RegisterAsync(Ct);

        var mail = Assert.Single(await ada.MailsAsync(Ct));
        Assert.Equal(("otp", ada.Email), (mail.Kind, mail.To));
        Assert.Equal(6, (await ada.CodeAsync(Ct)).Length);
        Assert.DoesNotContain("Ada", mail.Text + mail.Html, StringComparison.Ordinal); // whoever registers an address puts no words into its mail
    }

    [Theory]
    [InlineData("email", "nobody")]
    [InlineData("email", "a@b@c")]
    [InlineData("email", "ada@example.com\\r\\nBcc: x@example.com")]
    [InlineData("email", "ada,eve@example.com")]
    [InlineData("password", "short")]
    [InlineData("password", "password123")]
    [InlineData("password", "aaaaaaaaaaaaaaaa")]
    [InlineData("password", "ADA.LOVELACE@example.com")]
    [InlineData("first_name", "")]
    [InlineData("last_name", "   ")]
    public async Task A_field_that_is_wrong_is_named(string field, string value)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = "ada.lovelace@example.com", ["password"] = Account.Password, ["first_name"] = "Ada", ["last_name"] = "Lovelace", [field] = value };
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/auth/register", Answers.Json($"{{{string.Join(',', fields.Select(static one => $"\"{one.Key}\":\"{one.Value}\""))}}}"), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
        Assert.True(problem["errors"]![field] is not null, problem.ToJsonString());
    }

    [Fact]
    public async Task Nothing_in_the_answer_tells_whether_the_address_has_an_account()
    {
        var (known, pending, nobody) = (await server.VerifyAsync(Ct), await server.RegisterAsync(Ct), new Account(server.Visitor()));

        var faces = new List<string>();
        foreach (var account in new[] { known, pending, nobody })
        {
            using var answer = await account.Http.PostAsync("/auth/register", Answers.Json(JsonSerializer.Serialize(account.Registration, AuthJson.Default.RegisterRequest)), Ct);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            faces.Add(await answer.FaceAsync(Ct));
        }

        Assert.Single(faces.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_owner_of_an_address_is_told_that_somebody_tried_and_nothing_changes()
    {
        var ada = await server.VerifyAsync(Ct);

        await ada.Api.Auth.RegisterAsync(new(ada.Email.ToUpperInvariant(), "another password of mine", "Eve", "Else"), Ct);

        var mail = (await ada.MailsAsync(Ct))[0];
        Assert.Equal("somebody_registered", mail.Kind);
        Assert.DoesNotContain("Eve", mail.Text, StringComparison.Ordinal);
        Assert.Equal("Ada", (await ada.SignInAsync(Ct)).User.FirstName);
    }

    [Fact]
    public async Task The_code_in_force_stands_for_the_password_of_the_last_registration()
    {
        var eve = await server.RegisterAsync(Ct);
        var first = await eve.CodeAsync(Ct);

        await eve.Api.Auth.RegisterAsync(new(eve.Email, "the owner's own password", "Ada", "Lovelace"), Ct);

        await Answers.RefusedAsync(() => eve.Api.Auth.VerifyOtpAsync(new(eve.Email, first, OtpPurposes.VerifyEmail), Ct), HttpStatusCode.BadRequest, "otp.invalid");
        await eve.Api.Auth.VerifyOtpAsync(new(eve.Email, await eve.CodeAsync(Ct), OtpPurposes.VerifyEmail), Ct);
        await Answers.RefusedAsync(() => eve.SignInAsync(Ct), HttpStatusCode.Unauthorized, "auth.wrong");
        await eve.SignInAsync(Ct, "the owner's own password");
    }

    [Fact]
    public async Task An_address_that_is_registered_by_many_at_once_is_one_account()
    {
        var account = new Account(server.Visitor());

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => account.Api.Auth.RegisterAsync(account.Registration, Ct)));

        Assert.All(await account.MailsAsync(Ct), static mail => Assert.Equal("otp", mail.Kind));
    }

    [Fact]
    public async Task A_mailbox_is_not_flooded()
    {
        var account = new Account(server.Visitor());
        for (var i = 0; i < 3; i++) await account.Api.Auth.RegisterAsync(account.Registration, Ct);

        var problem = await Answers.RefusedAsync(() => account.Api.Auth.RegisterAsync(account.Registration, Ct), HttpStatusCode.TooManyRequests, "auth.too-many-codes");

        Assert.InRange(problem.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    }
}
