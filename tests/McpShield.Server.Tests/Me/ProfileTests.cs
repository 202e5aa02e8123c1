using System.Net;
using McpShield.Contracts;

namespace McpShield.Server.Tests.Me;

public sealed class ProfileTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_absent_stays_and_what_is_empty_goes()
    {
        var ada = await server.SignInAsync("ada", Ct);
        await ada.Api.Me.UpdateAsync(new(FirstName: " Augusta ", JobTitle: "Analyst", Location: "London", WebsiteUrl: "https://example.com/ada"), Ct);

        var me = await ada.Api.Me.UpdateAsync(new(Location: ""), Ct);

        Assert.Equal(("Augusta", "Test", "Analyst", null, "https://example.com/ada"), (me.FirstName, me.LastName, me.JobTitle, me.Location, me.WebsiteUrl));
        Assert.Equivalent(me, await ada.Api.Me.GetAsync(Ct));
    }

    [Theory]
    [InlineData("""{"website_url": "javascript:alert(1)"}""", "website_url")]
    [InlineData("""{"website_url": "https://user:secret@example.com"}""", "website_url")]
    [InlineData("""{"website_url": "example.com"}""", "website_url")]
    [InlineData("""{"first_name": " "}""", "first_name")]
    [InlineData("""{"email": "other@example.com"}""", "email")]
    public async Task A_field_that_is_wrong_is_named(string body, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);

        using var answer = await ada.Http.PatchAsync("/me", Answers.Json(body), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct);
        Assert.NotNull(problem["errors"]![field]);
    }

    [Fact]
    public async Task Every_organization_is_shown_with_the_role_in_it()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct, "pro"));
        await server.JoinAsync(bob, ada, "auditor", Ct);

        var me = await bob.Api.Me.GetAsync(Ct);

        Assert.Equal([(bob.OrganizationId, "owner"), (ada.OrganizationId, "auditor")], me.Organizations.Select(static one => (one.Id, one.Role)));
        Assert.Equal(("pro", bob.OrganizationId), (me.Plan, me.OrganizationId));
    }

    [Fact]
    public async Task Settings_are_kept_and_new_projects_follow_them()
    {
        var ada = await server.SignInAsync("ada", Ct);
        Assert.Equal(new MySettings(true, true, true, false, "UTC", "system", "dev"), await ada.Api.Me.GetSettingsAsync(Ct));
        var wanted = new MySettings(false, true, false, true, "Europe/Paris", "dark", "staging", 90);

        Assert.Equal(wanted, await ada.Api.Me.PutSettingsAsync(wanted, Ct));

        Assert.Equal(wanted, await ada.Api.Me.GetSettingsAsync(Ct));
        Assert.Equal("staging", (await ada.Api.Projects.CreateAsync(new("x"), Ct)).Environment);
    }

    [Fact]
    public async Task Settings_that_are_put_by_many_at_once_are_one_row()
    {
        var ada = await server.SignInAsync("ada", Ct);
        var wanted = new MySettings(false, true, false, true, "UTC", "dark", "prod", 7);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ada.Api.Me.PutSettingsAsync(wanted, Ct)));

        Assert.Equal(wanted, await ada.Api.Me.GetSettingsAsync(Ct));
    }

    [Theory]
    [InlineData("\"theme\": \"pink\"", "theme")]
    [InlineData("\"time_zone\": \"Moon/Crater\"", "time_zone")]
    [InlineData("\"default_key_days\": 0", "default_key_days")]
    [InlineData("\"notify_usage\": null", "notify_usage")]
    public async Task A_setting_that_is_wrong_is_named(string wrong, string field)
    {
        var ada = await server.SignInAsync("ada", Ct);
        string[] all = ["\"notify_usage\": true", "\"notify_security\": true", "\"notify_billing\": true", "\"notify_product\": true", "\"time_zone\": \"UTC\"", "\"theme\": \"dark\"", "\"default_environment\": \"dev\""];
        var body = string.Join(',', all.Where(one => !one.StartsWith($"\"{field}\"", StringComparison.Ordinal)).Append(wrong));

        using var answer = await ada.Http.PutAsync("/me/settings", Answers.Json($"{{{body}}}"), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }
}
