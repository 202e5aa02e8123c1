using System.Net;
using McpShield.Data;
using McpShield.Data.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Keys;

public sealed class CreateKeyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_project_has_room_for_a_thousand_live_keys()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            var now = TimeProvider.System.GetUtcNow();
            db.ApiKeys.AddRange(Enumerable.Range(0, 1_000).Select(_ => ApiKeySecret.Create()).Select(secret =>
                new ApiKey { Id = Guid.CreateVersion7(now), ProjectId = project.Id, KeyHash = ApiKeySecret.Digest(secret), KeyPrefix = ApiKeySecret.Shown(secret), Agent = "robot", CreatedAt = now }));
            await db.SaveChangesAsync(Ct);
        }

        await Answers.RefusedAsync(() => ada.Api.Keys.CreateAsync(project.Id, new("one more"), Ct), HttpStatusCode.Conflict, "key.too-many");
        await ada.Api.Keys.RevokeAsync(project.Id, (await ada.Api.Keys.ListAsync(project.Id, Ct)).Items[0].Id, Ct);
        await ada.Api.Keys.CreateAsync(project.Id, new("one more"), Ct);
    }

    [Fact]
    public async Task A_new_key_opens_at_once_and_is_shown_once()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var made = await ada.Api.Keys.CreateAsync(project.Id, new("Support Bot (EU)", Roles: ["support", "support"], Scopes: ["tickets:read"]), Ct);

        Assert.StartsWith("mcps_", made.Key, StringComparison.Ordinal);
        Assert.StartsWith(made.Prefix, made.Key, StringComparison.Ordinal);
        Assert.Equal("support-bot-eu", made.Agent);
        Assert.Equal(["support"], made.Roles);
        Assert.All([made.ClientEntry.ClaudeCode, made.ClientEntry.Cursor], entry => Assert.Contains(made.Key, entry, StringComparison.Ordinal));
        Assert.EndsWith("/mcp", made.ClientEntry.Url, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(made.Key, Ct));

        var kept = await ada.Api.Keys.GetAsync(project.Id, made.Id, Ct);
        Assert.Equal(("Support Bot (EU)", "live", "ada Test", "support-bot-eu"), (kept.Name, kept.Status, kept.CreatedBy, kept.Agent));
    }

    [Fact]
    public async Task The_answer_must_not_be_kept_by_anything_on_its_way()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync($"/projects/{project.Id:D}/keys", Answers.Json("{}"), Ct);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.StartsWith($"/projects/{project.Id:D}/keys/", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_of_it_holds_the_prefix_and_not_the_key()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new("k"), Ct);

        await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
        var records = await db.ActionOutbox.Where(entry => entry.OrgId == ada.OrganizationId && entry.Action == "key.created").Select(entry => entry.After).ToListAsync(Ct);
        Assert.All(records, record => Assert.DoesNotContain(made.Key, record!, StringComparison.Ordinal));
        var row = await db.ApiKeys.SingleAsync(key => key.Id == made.Id, Ct);
        Assert.Equal(32, row.KeyHash.Length);
    }

    [Fact]
    public async Task A_retry_with_the_same_idempotency_key_makes_no_second_one()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        var keys = new List<string?>();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/projects/{project.Id:D}/keys") { Content = Answers.Json("{}"), Headers = { { "Idempotency-Key", "once" } } };
            using var answer = await ada.Http.SendAsync(request, Ct);
            keys.Add((string?)(await answer.JsonAsync(Ct))["key"]);
        }

        Assert.Single(keys.Distinct(StringComparer.Ordinal));
        Assert.Single((await ada.Api.Keys.ListAsync(project.Id, Ct)).Items);
    }

    [Fact]
    public async Task A_key_ends_when_it_was_said_to()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var before = TimeProvider.System.GetUtcNow();

        var inDays = await ada.Api.Keys.CreateAsync(project.Id, new(ExpiresInDays: 7), Ct);
        var at = await ada.Api.Keys.CreateAsync(project.Id, new(ExpiresAt: before.AddMinutes(5)), Ct);
        var never = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        Assert.InRange(inDays.ExpiresAt!.Value, before.AddDays(7), before.AddDays(7).AddMinutes(5));
        Assert.InRange(at.ExpiresAt!.Value, before.AddMinutes(5).AddSeconds(-1), before.AddMinutes(5).AddSeconds(1));
        Assert.Null(never.ExpiresAt);
    }

    [Fact]
    public async Task Ones_settings_say_how_long_a_key_is_good_for_unless_it_is_said_with_it()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            db.UserSettings.Add(new() { UserId = ada.UserId, DefaultKeyDays = 30, UpdatedAt = TimeProvider.System.GetUtcNow() });
            await db.SaveChangesAsync(Ct);
        }

        var usual = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        var forever = await ada.Api.Keys.CreateAsync(project.Id, new(ExpiresInDays: 0), Ct);

        Assert.InRange(usual.ExpiresAt!.Value, TimeProvider.System.GetUtcNow().AddDays(29), TimeProvider.System.GetUtcNow().AddDays(30));
        Assert.Null(forever.ExpiresAt);
    }

    [Theory]
    [InlineData("""{"roles": ["Admin"]}""", "roles")]
    [InlineData("""{"roles": ["a b"]}""", "roles")]
    [InlineData("""{"roles": [null]}""", "roles")]
    [InlineData("""{"scopes": [""]}""", "scopes")]
    [InlineData("""{"agent": "a\nb"}""", "agent")]
    [InlineData("""{"agent": ""}""", "agent")]
    [InlineData("""{"expires_at": "2020-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"expires_in_days": -1}""", "expires_in_days")]
    [InlineData("""{"expires_in_days": 1, "expires_at": "2100-01-01T00:00:00Z"}""", "expires_in_days")]
    [InlineData("""{"key": "mcps_mine"}""", "key")]
    public async Task A_field_that_is_wrong_is_named_and_no_key_is_made(string body, string field)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.PostAsync($"/projects/{project.Id:D}/keys", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
        Assert.Empty((await ada.Api.Keys.ListAsync(project.Id, Ct)).Items);
    }

    [Fact]
    public async Task More_than_32_roles_are_too_many()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        await Answers.RefusedAsync(() => ada.Api.Keys.CreateAsync(project.Id, new(Roles: [.. Enumerable.Range(0, 33).Select(static number => $"r{number}")]), Ct), HttpStatusCode.BadRequest, "validation");
    }

    [Fact]
    public async Task An_auditor_may_not()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "auditor", Ct);

        await Answers.RefusedAsync(() => bob.Api.Keys.CreateAsync(project.Id, new(), Ct), HttpStatusCode.Forbidden, "permission.missing");
    }

    [Fact]
    public async Task Nobody_makes_one_without_signing_in()
    {
        var (_, project) = await server.WithProjectAsync("ada", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.PostAsync($"/projects/{project.Id:D}/keys", Answers.Json("{}"), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task A_key_makes_no_keys()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        using var machine = server.Visitor();
        machine.DefaultRequestHeaders.Authorization = new("Bearer", made.Key);
        using var answer = await machine.PostAsync($"/projects/{project.Id:D}/keys", Answers.Json("{}"), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_project_of_others_does_not_exist()
    {
        var ((_, project), eve) = (await server.WithProjectAsync("ada", Ct), await server.SignInAsync("eve", Ct));

        await Answers.RefusedAsync(() => eve.Api.Keys.CreateAsync(project.Id, new(), Ct), HttpStatusCode.NotFound, "project.not-found");
    }
}
