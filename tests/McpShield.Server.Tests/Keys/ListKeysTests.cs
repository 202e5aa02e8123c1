using System.Net;
using McpShield.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Keys;

public sealed class ListKeysTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_key_is_listed_with_its_status_newest_first()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var revoked = await ada.Api.Keys.CreateAsync(project.Id, new("one"), Ct);
        var expired = await ada.Api.Keys.CreateAsync(project.Id, new("two"), Ct);
        await ada.Api.Keys.CreateAsync(project.Id, new("three"), Ct);
        await ada.Api.Keys.RevokeAsync(project.Id, revoked.Id, Ct);
        await using (var db = server.Services.GetRequiredService<ShieldDatabase>().Open())
        {
            var past = TimeProvider.System.GetUtcNow().AddMinutes(-1);
            await db.ApiKeys.Where(key => key.Id == expired.Id).ExecuteUpdateAsync(set => set.SetProperty(static key => key.ExpiresAt, past), Ct);
        }

        var all = await ada.Api.Keys.ListAsync(project.Id, Ct);

        Assert.Equal(["three live", "two expired", "one revoked"], all.Items.Select(static key => $"{key.Name} {key.Status}"));
        foreach (var status in new[] { "live", "expired", "revoked" }) Assert.Equal(status, Assert.Single((await ada.Api.Keys.ListAsync(project.Id, Ct, status)).Items).Status);
    }

    [Fact]
    public async Task Pages_hold_every_key_once()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        for (var number = 1; number <= 3; number++) await ada.Api.Keys.CreateAsync(project.Id, new($"k{number}"), Ct);

        var first = await ada.Api.Keys.ListAsync(project.Id, Ct, limit: 2);
        var second = await ada.Api.Keys.ListAsync(project.Id, Ct, cursor: first.NextCursor, limit: 2);

        Assert.Equal(["k3", "k2", "k1"], first.Items.Concat(second.Items).Select(static key => key.Name));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public async Task No_answer_but_the_first_holds_a_key()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        Assert.DoesNotContain(made.Key, await ada.Http.GetStringAsync($"/projects/{project.Id:D}/keys", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain(made.Key, await ada.Http.GetStringAsync($"/projects/{project.Id:D}/keys/{made.Id:D}", Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status=old", "status")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string field)
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);

        using var answer = await ada.Http.GetAsync($"/projects/{project.Id:D}/keys?{query}", Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task Nobody_lists_without_signing_in()
    {
        var (_, project) = await server.WithProjectAsync("ada", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.GetAsync($"/projects/{project.Id:D}/keys", Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
    }

    [Fact]
    public async Task The_keys_of_others_do_not_exist()
    {
        var ((ada, project), (eve, other)) = (await server.WithProjectAsync("ada", Ct), await server.WithProjectAsync("eve", Ct));
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        await Answers.RefusedAsync(() => eve.Api.Keys.ListAsync(project.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Keys.GetAsync(project.Id, made.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Keys.GetAsync(other.Id, made.Id, Ct), HttpStatusCode.NotFound, "key.not-found");
    }
}
