using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>The caller, as they know themselves.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="Email">Their address.</param>
/// <param name="FirstName">First name.</param>
/// <param name="LastName">Last name.</param>
/// <param name="HasPassword">Whether they can sign in with a password.</param>
/// <param name="Company">Where they work.</param>
/// <param name="JobTitle">What they do there.</param>
/// <param name="Bio">About them.</param>
/// <param name="Location">Where they are.</param>
/// <param name="WebsiteUrl">Their page.</param>
/// <param name="OrganizationId">Their own organization.</param>
/// <param name="Organizations">Every organization they are a member of, their own first.</param>
/// <param name="Plan">The code of their own organization's plan: <c>free</c>, <c>pro</c>, <c>enterprise</c>.</param>
/// <param name="CreatedAt">When they registered.</param>
/// <param name="UpdatedAt">When they changed something last.</param>
public sealed record MeResponse(
    Guid Id, string Email, string FirstName, string LastName, bool HasPassword, string? Company, string? JobTitle, string? Bio, string? Location, string? WebsiteUrl,
    Guid OrganizationId, IReadOnlyList<MyOrganizationResponse> Organizations, string Plan, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>An organization of the caller.</summary>
/// <param name="Id">UUID v7.</param>
/// <param name="Name">Its name.</param>
/// <param name="Role">The caller's role: <c>owner</c>, <c>admin</c>, <c>developer</c>, <c>approver</c> or <c>auditor</c>.</param>
public sealed record MyOrganizationResponse(Guid Id, string Name, string Role);

/// <summary>Asks for changes of the caller's profile; what is absent stays, what is empty is taken away.</summary>
/// <param name="FirstName">1 to 100 characters.</param>
/// <param name="LastName">1 to 100 characters.</param>
/// <param name="Company">Up to 200 characters.</param>
/// <param name="JobTitle">Up to 200 characters.</param>
/// <param name="Bio">Up to 2000 characters.</param>
/// <param name="Location">Up to 200 characters.</param>
/// <param name="WebsiteUrl">An http or https address.</param>
public sealed record UpdateMeRequest(
    [property: StringLength(100, MinimumLength = 1)] string? FirstName = null,
    [property: StringLength(100, MinimumLength = 1)] string? LastName = null,
    [property: StringLength(200)] string? Company = null,
    [property: StringLength(200)] string? JobTitle = null,
    [property: StringLength(2000)] string? Bio = null,
    [property: StringLength(200)] string? Location = null,
    [property: StringLength(500)] string? WebsiteUrl = null);

/// <summary>Deletes the caller's account.</summary>
/// <param name="Password">The password; absent for whoever has none, who must have signed in within the last 15 minutes.</param>
public sealed record DeleteMeRequest([property: StringLength(1024)] string? Password = null)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => nameof(DeleteMeRequest);
}

/// <summary>Changes the caller's password.</summary>
/// <param name="CurrentPassword">The password in force; absent for whoever has none, who must have signed in within the last 15 minutes.</param>
/// <param name="NewPassword">10 to 128 characters; not the address, and none of the commonest.</param>
public sealed record ChangePasswordRequest(
    [property: StringLength(1024)] string? CurrentPassword,
    [property: Required, StringLength(128, MinimumLength = 10)] string NewPassword)
{
    /// <summary>Without the passwords.</summary>
    public override string ToString() => nameof(ChangePasswordRequest);
}

/// <summary>How the caller wants things; both what is read and what is put.</summary>
/// <param name="NotifyUsage">Mails about usage and limits.</param>
/// <param name="NotifySecurity">Mails about sessions and keys.</param>
/// <param name="NotifyBilling">Mails about plans and invoices.</param>
/// <param name="NotifyProduct">Mails about what is new.</param>
/// <param name="TimeZone">IANA name, for instance <c>Europe/Paris</c>.</param>
/// <param name="Theme"><c>system</c>, <c>light</c> or <c>dark</c>.</param>
/// <param name="DefaultEnvironment">The environment of new projects: <c>dev</c>, <c>staging</c> or <c>prod</c>.</param>
/// <param name="DefaultKeyDays">Days for which new keys are valid, 1 to 3650; <c>null</c>: they do not expire.</param>
public sealed record MySettings(
    [property: Required] bool? NotifyUsage,
    [property: Required] bool? NotifySecurity,
    [property: Required] bool? NotifyBilling,
    [property: Required] bool? NotifyProduct,
    [property: Required, StringLength(64)] string TimeZone,
    [property: Required, AllowedValues("system", "light", "dark", ErrorMessage = "must be system, light or dark")] string Theme,
    [property: Required, AllowedValues("dev", "staging", "prod", ErrorMessage = "must be dev, staging or prod")] string DefaultEnvironment,
    [property: Range(1, 3650)] int? DefaultKeyDays = null);

/// <summary>The shapes of the caller's own account as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeResponse))]
[JsonSerializable(typeof(UpdateMeRequest))]
[JsonSerializable(typeof(DeleteMeRequest))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(MySettings))]
public sealed partial class MeJson : JsonSerializerContext;
