using System.Net;
using McpShield.Contracts.Client;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Auth;

public sealed class DeviceTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_gets_its_tokens_once_when_a_person_confirms_its_code()
    {
        using var http = server.Visitor();
        var (program, ada) = (new ShieldClient(http), await server.SignInAsync("ada", Ct));
        var device = await program.Auth.BeginDeviceAsync(Ct);
        Assert.Contains(device.UserCode, device.VerificationUrl, StringComparison.Ordinal);
        await Answers.RefusedAsync(() => program.Auth.GetDeviceTokenAsync(new(device.DeviceCode), Ct), HttpStatusCode.BadRequest, "device.pending");
        Assert.StartsWith("10.", (await ada.Api.Auth.GetDeviceAsync(device.UserCode, Ct)).Ip, StringComparison.Ordinal);

        await ada.Api.Auth.ConfirmDeviceAsync(new(device.UserCode.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)), Ct);

        Assert.Equal(ada.Email, (await program.Auth.GetDeviceTokenAsync(new(device.DeviceCode), Ct)).User.Email);
        await Answers.RefusedAsync(() => program.Auth.GetDeviceTokenAsync(new(device.DeviceCode), Ct), HttpStatusCode.BadRequest, "device.expired");
        await Answers.RefusedAsync(() => ada.Api.Auth.ConfirmDeviceAsync(new(device.UserCode), Ct), HttpStatusCode.NotFound, "device.not-found");
    }

    [Fact]
    public async Task The_short_code_gets_no_tokens()
    {
        using var http = server.Visitor();
        var (program, ada) = (new ShieldClient(http), await server.SignInAsync("ada", Ct));
        var device = await program.Auth.BeginDeviceAsync(Ct);
        await ada.Api.Auth.ConfirmDeviceAsync(new(device.UserCode), Ct);

        await Answers.RefusedAsync(() => program.Auth.GetDeviceTokenAsync(new(device.UserCode), Ct), HttpStatusCode.BadRequest, "device.expired");
    }

    [Fact]
    public async Task Codes_are_not_guessed()
    {
        var eve = await server.SignInAsync("eve", Ct);
        for (var i = 0; i < 20; i++) await Answers.RefusedAsync(() => eve.Api.Auth.ConfirmDeviceAsync(new("BBBB-BBBB"), Ct), HttpStatusCode.NotFound, "device.not-found");

        var problem = await Answers.RefusedAsync(() => eve.Api.Auth.ConfirmDeviceAsync(new("BBBB-BBBB"), Ct), HttpStatusCode.TooManyRequests, "device.too-many-tries");

        Assert.NotNull(problem.RetryAfter);
    }

    [Fact]
    public async Task A_sign_in_link_works_once()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var token = await server.Services.GetRequiredService<EphemeralStores>().Tickets.IssueAsync(FirstStart.SignInLink, ada.UserId.ToString("D"), ada.UserId.ToByteArray(), TimeSpan.FromHours(1), Ct);

        Assert.Equal(ada.Email, (await ada.Api.Auth.UseLinkAsync(new(token), Ct)).User.Email);

        await Answers.RefusedAsync(() => ada.Api.Auth.UseLinkAsync(new(token), Ct), HttpStatusCode.BadRequest, "link.invalid");
    }
}
