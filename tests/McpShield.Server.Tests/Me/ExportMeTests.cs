using System.IO.Compression;
using System.Text.Json.Nodes;
using McpShield.Server.Tests.Auth;

namespace McpShield.Server.Tests.Me;

public sealed class ExportMeTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_about_the_caller_comes_as_files_and_no_secret_with_it()
    {
        var ada = await server.EnterAsync(Ct);
        await ada.Api.Projects.CreateAsync(new("Engine"), Ct);

        using var answer = await ada.Api.Me.ExportAsync(Ct);

        Assert.Equal("application/zip", answer.Content.Headers.ContentType?.MediaType);
        using var archive = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Ct)));
        Assert.Equal(["account.json", "settings.json", "organizations.json", "projects.json", "keys.json", "invoices.json", "usage_monthly.json", "actions.json"], archive.Entries.Select(static entry => entry.FullName));
        Assert.Equal(ada.Email, (string?)Read(archive, "account.json")["email"]);
        var project = Assert.Single(Read(archive, "projects.json").AsArray())!;
        Assert.Contains("default: deny", (string?)project["policy_yaml"], StringComparison.Ordinal);
        Assert.DoesNotContain("argon2", archive.Entries.Aggregate("", static (all, entry) => all + Text(entry)), StringComparison.OrdinalIgnoreCase);
    }

    private static JsonNode Read(ZipArchive archive, string name) => JsonNode.Parse(Text(archive.GetEntry(name)!))!;

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }
}
