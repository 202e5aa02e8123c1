using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Auth;

/// <summary>What the description shows. Tokens and codes are none.</summary>
internal static class AuthExamples
{
    private const string Password = "correct horse battery staple";

    public static ApiExample[] All =>
    [
        ApiExample.Of(new RegisterRequest(Sample.Email, Password, "Ada", "Lovelace", "Analytical Engines")),
        ApiExample.Of(new MailSentResponse(Codes.Sent)),
        ApiExample.Of(new OtpRequest(Sample.Email, OtpPurposes.VerifyEmail)),
        ApiExample.Of(new OtpVerifyRequest(Sample.Email, "123456", OtpPurposes.VerifyEmail)),
        ApiExample.Of(new OtpVerifyResponse(Verified: true)),
        ApiExample.Of(new PasswordResetRequest("the reset_token of /auth/otp/verify", Password)),
        ApiExample.Of(new LoginRequest(Sample.Email, Password, RememberMe: true)),
        ApiExample.Of(new TokenResponse("the access token", "the refresh token", "Bearer", 900, new(Sample.User, Sample.Email, "Ada", "Lovelace", Sample.Organization))),
        ApiExample.Of(new RefreshRequest("the refresh token")),
        ApiExample.PageOf(new SessionResponse(Sample.Session, Sample.Then, Sample.Now, Sample.Now.AddDays(30), "203.0.113.7", "Mozilla/5.0", IsRemembered: true, IsCurrent: true)),
        ApiExample.Of(new SessionsEndedResponse(2)),
        ApiExample.Of(new DeviceResponse("the device code", Devices.Shown("BCDFGHJK"), "https://app.example.com/device", 600, Devices.IntervalSeconds)),
        ApiExample.Of(new DeviceConfirmRequest(Devices.Shown("BCDFGHJK"))),
        ApiExample.Of(new DeviceRequestResponse("203.0.113.7", "mcpshield/1.0.0", Sample.Now)),
        ApiExample.Of(new DeviceTokenRequest("the device code")),
        ApiExample.Of(new LinkRequest("the part of the link after #")),
    ];
}
