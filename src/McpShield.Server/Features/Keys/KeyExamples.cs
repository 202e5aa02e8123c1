using McpShield.Contracts;
using McpShield.Server.Hosting;

namespace McpShield.Server.Features.Keys;

/// <summary>What the description shows. The key is none.</summary>
internal static class KeyExamples
{
    private const string Prefix = "mcps_Tn3Yq0w";

    private static readonly KeyResponse Key = new(Sample.Key, Sample.Project, "Ada's editor", Prefix, "editor", ["reader"], ["docs"], "live", Sample.Then.AddDays(90), Sample.Now, Sample.Name, Sample.Then, RevokedAt: null);

    public static ApiExample[] All =>
    [
        ApiExample.Of(new CreateKeyRequest("Ada's editor", "editor", ["reader"], ["docs"], ExpiresInDays: 90)),
        ApiExample.Of(new UpdateKeyRequest(Name: "Ada's editor", Roles: ["reader", "writer"])),
        ApiExample.Of(Key),
        ApiExample.PageOf(Key),
        ApiExample.Of(new CreatedKeyResponse(
            Sample.Key, Sample.Project, "the key, this once", "Ada's editor", Prefix, "editor", ["reader"], ["docs"], Sample.Then.AddDays(90), Sample.Then,
            ClientEntries.Of("https://api.example.com/mcp", "the key"))),
    ];
}
