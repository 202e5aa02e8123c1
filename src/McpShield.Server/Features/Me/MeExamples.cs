using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Me;

/// <summary>What the description shows.</summary>
internal static class MeExamples
{
    public static ApiExample[] All =>
    [
        ApiExample.Of(new MeResponse(
            Sample.User, Sample.Email, "Ada", "Lovelace", HasPassword: true, "Analytical Engines", "Engineer", Bio: null, "London", "https://ada.example.com",
            Sample.Organization, [new(Sample.Organization, "Analytical Engines", "owner")], "pro", Sample.Then, Sample.Now)),
        ApiExample.Of(new UpdateMeRequest(FirstName: "Ada", JobTitle: "Engineer", WebsiteUrl: "https://ada.example.com")),
        ApiExample.Of(new DeleteMeRequest("correct horse battery staple")),
        ApiExample.Of(new ChangePasswordRequest("correct horse battery staple", "a longer one, of some words")),
        ApiExample.Of(new MySettings(NotifyUsage: true, NotifySecurity: true, NotifyBilling: true, NotifyProduct: false, "Europe/London", "system", "dev", 90)),
    ];
}
