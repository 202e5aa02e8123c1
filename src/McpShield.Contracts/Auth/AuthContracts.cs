using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>Asks for an account.</summary>
/// <param name="Email">The address; a code is sent there.</param>
/// <param name="Password">10 to 128 characters; not the address, and none of the commonest.</param>
/// <param name="FirstName">1 to 100 characters.</param>
/// <param name="LastName">1 to 100 characters.</param>
/// <param name="Company">Names the organization; absent: the person does.</param>
public sealed record RegisterRequest(
    [property: Required, StringLength(EmailRules.MaxLength), RegularExpression(EmailRules.Pattern, ErrorMessage = EmailRules.Message, MatchTimeoutInMilliseconds = 1000)] string Email,
    [property: Required, StringLength(128, MinimumLength = 10)] string Password,
    [property: Required, StringLength(100, MinimumLength = 1)] string FirstName,
    [property: Required, StringLength(100, MinimumLength = 1)] string LastName,
    [property: StringLength(200)] string? Company = null)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => nameof(RegisterRequest);
}

/// <summary>An answer that says the same to everybody, whether the address has an account or not.</summary>
/// <param name="Message">What to do next.</param>
public sealed record MailSentResponse(string Message);

/// <summary>Asks for a one-time code.</summary>
/// <param name="Email">Where it is sent, if there is such an account.</param>
/// <param name="Purpose"><c>verify_email</c> or <c>reset_password</c>.</param>
public sealed record OtpRequest(
    [property: Required, StringLength(EmailRules.MaxLength), RegularExpression(EmailRules.Pattern, ErrorMessage = EmailRules.Message, MatchTimeoutInMilliseconds = 1000)] string Email,
    [property: Required, AllowedValues(OtpPurposes.VerifyEmail, OtpPurposes.ResetPassword, ErrorMessage = "must be verify_email or reset_password")] string Purpose);

/// <summary>What one-time codes are good for.</summary>
public static class OtpPurposes
{
    /// <summary>Shows that the address is the person's.</summary>
    public const string VerifyEmail = "verify_email";

    /// <summary>Leads to a new password.</summary>
    public const string ResetPassword = "reset_password";
}

/// <summary>Presents a one-time code.</summary>
/// <param name="Email">Where it was sent.</param>
/// <param name="Code">The digits.</param>
/// <param name="Purpose">What it was asked for: <c>verify_email</c> or <c>reset_password</c>.</param>
public sealed record OtpVerifyRequest(
    [property: Required, StringLength(EmailRules.MaxLength), RegularExpression(EmailRules.Pattern, ErrorMessage = EmailRules.Message, MatchTimeoutInMilliseconds = 1000)] string Email,
    [property: Required, StringLength(16)] string Code,
    [property: Required, AllowedValues(OtpPurposes.VerifyEmail, OtpPurposes.ResetPassword, ErrorMessage = "must be verify_email or reset_password")] string Purpose)
{
    /// <summary>Without the code.</summary>
    public override string ToString() => nameof(OtpVerifyRequest);
}

/// <summary>The code was right.</summary>
/// <param name="Verified">For <c>verify_email</c>: the address is verified.</param>
/// <param name="ResetToken">For <c>reset_password</c>: sets a new password, once, within 15 minutes.</param>
public sealed record OtpVerifyResponse(bool? Verified = null, string? ResetToken = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(OtpVerifyResponse);
}

/// <summary>Sets a new password after a code.</summary>
/// <param name="ResetToken">Of <c>POST /auth/otp/verify</c>.</param>
/// <param name="Password">10 to 128 characters; not the address, and none of the commonest.</param>
public sealed record PasswordResetRequest(
    [property: Required, StringLength(200)] string ResetToken,
    [property: Required, StringLength(128, MinimumLength = 10)] string Password)
{
    /// <summary>Without its secrets.</summary>
    public override string ToString() => nameof(PasswordResetRequest);
}

/// <summary>Signs in.</summary>
/// <param name="Email">The address.</param>
/// <param name="Password">The password.</param>
/// <param name="RememberMe">Keeps the session for 30 days without use instead of 24 hours.</param>
public sealed record LoginRequest(
    [property: Required, StringLength(EmailRules.MaxLength), RegularExpression(EmailRules.Pattern, ErrorMessage = EmailRules.Message, MatchTimeoutInMilliseconds = 1000)] string Email,
    [property: Required(AllowEmptyStrings = true), StringLength(1024)] string Password,
    bool? RememberMe = null)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => nameof(LoginRequest);
}

/// <summary>What opens the API to a person.</summary>
/// <param name="AccessToken">Goes into <c>Authorization: Bearer …</c>.</param>
/// <param name="RefreshToken">Gets the next pair, once.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds for which the access token is good.</param>
/// <param name="User">Who has signed in.</param>
public sealed record TokenResponse(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn, UserResponse User)
{
    /// <summary>Without the tokens.</summary>
    public override string ToString() => nameof(TokenResponse);
}

/// <summary>A person.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="Email">Their address.</param>
/// <param name="FirstName">First name.</param>
/// <param name="LastName">Last name.</param>
/// <param name="OrganizationId">Their own organization.</param>
public sealed record UserResponse(Guid Id, string Email, string FirstName, string LastName, Guid OrganizationId);

/// <summary>Asks for the next pair of tokens.</summary>
/// <param name="RefreshToken">The token; absent: the one in the cookie <c>mcpshield_refresh</c>.</param>
public sealed record RefreshRequest([property: StringLength(200)] string? RefreshToken = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(RefreshRequest);
}

/// <summary>A session of the caller.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="LastUsedAt">The last refresh.</param>
/// <param name="ExpiresAt">When it ends unless it is refreshed before.</param>
/// <param name="Ip">From where it was begun.</param>
/// <param name="UserAgent">With what.</param>
/// <param name="IsRemembered">Whether the person asked to be remembered.</param>
/// <param name="IsCurrent">Whether it is the one that asks.</param>
public sealed record SessionResponse(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, string? Ip, string? UserAgent, bool IsRemembered, bool IsCurrent);

/// <summary>How many sessions were ended.</summary>
/// <param name="Ended">Their number.</param>
public sealed record SessionsEndedResponse(int Ended);

/// <summary>A sign-in that a person confirms elsewhere (RFC 8628).</summary>
/// <param name="DeviceCode">Kept by the program; asks for the tokens.</param>
/// <param name="UserCode">Shown to the person.</param>
/// <param name="VerificationUrl">Where the person confirms it.</param>
/// <param name="ExpiresIn">Seconds until it is void.</param>
/// <param name="Interval">Seconds to wait between two questions.</param>
public sealed record DeviceResponse(string DeviceCode, string UserCode, string VerificationUrl, int ExpiresIn, int Interval)
{
    /// <summary>Without the codes.</summary>
    public override string ToString() => nameof(DeviceResponse);
}

/// <summary>Lets a program in as the caller.</summary>
/// <param name="UserCode">As the program shows it.</param>
public sealed record DeviceConfirmRequest([property: Required, StringLength(20)] string UserCode);

/// <summary>Who waits behind a code.</summary>
/// <param name="Ip">From where the program asked.</param>
/// <param name="UserAgent">What it calls itself.</param>
/// <param name="RequestedAt">When.</param>
public sealed record DeviceRequestResponse(string? Ip, string? UserAgent, DateTimeOffset RequestedAt);

/// <summary>Asks whether the person has confirmed.</summary>
/// <param name="DeviceCode">Of <c>POST /auth/device</c>.</param>
public sealed record DeviceTokenRequest([property: Required, StringLength(200)] string DeviceCode)
{
    /// <summary>Without the code.</summary>
    public override string ToString() => nameof(DeviceTokenRequest);
}

/// <summary>Signs in with a link that works once.</summary>
/// <param name="Token">The part of the link after <c>#</c>.</param>
public sealed record LinkRequest([property: Required, StringLength(200)] string Token)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(LinkRequest);
}

/// <summary>The shapes of accounts and sessions as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(MailSentResponse))]
[JsonSerializable(typeof(OtpRequest))]
[JsonSerializable(typeof(OtpVerifyRequest))]
[JsonSerializable(typeof(OtpVerifyResponse))]
[JsonSerializable(typeof(PasswordResetRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(Page<SessionResponse>))]
[JsonSerializable(typeof(SessionsEndedResponse))]
[JsonSerializable(typeof(DeviceResponse))]
[JsonSerializable(typeof(DeviceConfirmRequest))]
[JsonSerializable(typeof(DeviceRequestResponse))]
[JsonSerializable(typeof(DeviceTokenRequest))]
[JsonSerializable(typeof(LinkRequest))]
public sealed partial class AuthJson : JsonSerializerContext;
