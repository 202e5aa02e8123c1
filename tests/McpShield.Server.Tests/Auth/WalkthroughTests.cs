using System.Net;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Auth;

/// <summary>The walk from a stranger to a person who stays signed in.</summary>
public sealed class WalkthroughTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_registers_verifies_signs_in_and_refreshes_gets_their_own_organization_on_the_free_plan()
    {
        var ada = new Account(server.Visitor());
        await ada.Api.Auth.RegisterAsync(ada.Registration with { Company = "Analytical Engines" }, Ct);
        await Answers.RefusedAsync(() => ada.SignInAsync(Ct), HttpStatusCode.Forbidden, "auth.email-not-verified");
        Assert.True((await ada.Api.Auth.VerifyOtpAsync(new(ada.Email, await ada.CodeAsync(Ct), OtpPurposes.VerifyEmail), Ct)).Verified);

        var tokens = await ada.SignInAsync(Ct);
        Assert.Equal(("Bearer", 900, ada.Email), (tokens.TokenType, tokens.ExpiresIn, tokens.User.Email));
        var next = await ada.Api.Auth.RefreshAsync(new(tokens.RefreshToken), Ct);
        Assert.NotEqual(tokens.RefreshToken, next.RefreshToken);
        ada.Use(next);

        var me = await ada.Api.Me.GetAsync(Ct);
        Assert.Equal((ada.Email, "Ada", "Lovelace", "Analytical Engines", "free"), (me.Email, me.FirstName, me.LastName, me.Company, me.Plan));
        Assert.Equal([new MyOrganizationResponse(me.OrganizationId, "Analytical Engines", "owner")], me.Organizations);
        Assert.Equal("dev", (await ada.Api.Projects.CreateAsync(new("Engine"), Ct)).Environment);
    }
}
