using System.Net;

namespace McpShield.Server.Tests.Keys;

public sealed class UpdateKeyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_absent_stays()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new("one", Roles: ["a"], Scopes: ["b"]), Ct);

        var changed = await ada.Api.Keys.UpdateAsync(project.Id, made.Id, new(Name: "two", Roles: ["c", "d"], ExpiresInDays: 1), Ct);

        Assert.Equal(("two", "one"), (changed.Name, changed.Agent));
        Assert.Equal("c d, b", $"{string.Join(' ', changed.Roles)}, {string.Join(' ', changed.Scopes)}");
        Assert.NotNull(changed.ExpiresAt);
        Assert.Null((await ada.Api.Keys.UpdateAsync(project.Id, made.Id, new(ExpiresInDays: 0), Ct)).ExpiresAt);
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(made.Key, Ct));
    }

    [Theory]
    [InlineData("""{"roles": ["A"]}""", "roles")]
    [InlineData("""{"expires_at": "2020-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"agent": "-x"}""", "agent")]
    public async Task A_field_that_is_wrong_is_named(string body, string field)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        using var answer = await ada.Http.PatchAsync($"/projects/{project.Id:D}/keys/{made.Id:D}", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task A_revoked_key_stays_revoked()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        await ada.Api.Keys.RevokeAsync(project.Id, made.Id, Ct);

        await Answers.RefusedAsync(() => ada.Api.Keys.UpdateAsync(project.Id, made.Id, new(ExpiresInDays: 0), Ct), HttpStatusCode.Conflict, "key.revoked");
    }

    [Fact]
    public async Task An_approver_may_not_and_a_visitor_neither()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "approver", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.PatchAsync($"/projects/{project.Id:D}/keys/{made.Id:D}", Answers.Json("{}"), Ct);

        await Answers.RefusedAsync(() => bob.Api.Keys.UpdateAsync(project.Id, made.Id, new("x"), Ct), HttpStatusCode.Forbidden, "permission.missing");
        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_key_of_others_does_not_exist()
    {
        var ((ada, project), (eve, other)) = (await server.WithProjectAsync("ada", Ct), await server.WithProjectAsync("eve", Ct));
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        await Answers.RefusedAsync(() => eve.Api.Keys.UpdateAsync(project.Id, made.Id, new("x"), Ct), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Keys.UpdateAsync(other.Id, made.Id, new("x"), Ct), HttpStatusCode.NotFound, "key.not-found");
    }
}
