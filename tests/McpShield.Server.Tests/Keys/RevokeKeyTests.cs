using System.Net;

namespace McpShield.Server.Tests.Keys;

public sealed class RevokeKeyTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_key_is_refused_from_that_moment()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var (made, other) = (await ada.Api.Keys.CreateAsync(project.Id, new(), Ct), await ada.Api.Keys.CreateAsync(project.Id, new(), Ct));
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(made.Key, Ct));

        await ada.Api.Keys.RevokeAsync(project.Id, made.Id, Ct);

        using var answer = await server.AskAsync(made.Key, Ct);
        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "key.invalid", Ct);
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(other.Key, Ct));
        var kept = await ada.Api.Keys.GetAsync(project.Id, made.Id, Ct);
        Assert.Equal("revoked", kept.Status);
        Assert.NotNull(kept.RevokedAt);
    }

    [Fact]
    public async Task Revoking_it_again_changes_nothing()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        await ada.Api.Keys.RevokeAsync(project.Id, made.Id, Ct);
        var first = await ada.Api.Keys.GetAsync(project.Id, made.Id, Ct);

        await ada.Api.Keys.RevokeAsync(project.Id, made.Id, Ct);

        Assert.Equal(first.RevokedAt, (await ada.Api.Keys.GetAsync(project.Id, made.Id, Ct)).RevokedAt);
    }

    [Fact]
    public async Task An_auditor_may_not_and_a_visitor_neither()
    {
        var (ada, project) = await server.WithProjectAsync("ada", Ct);
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);
        var bob = await server.ColleagueAsync(ada, "bob", "auditor", Ct);
        using var visitor = server.Visitor();
        using var answer = await visitor.DeleteAsync($"/projects/{project.Id:D}/keys/{made.Id:D}", Ct);

        await Answers.RefusedAsync(() => bob.Api.Keys.RevokeAsync(project.Id, made.Id, Ct), HttpStatusCode.Forbidden, "permission.missing");
        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "auth.required", Ct);
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(made.Key, Ct));
    }

    [Fact]
    public async Task The_key_of_others_does_not_exist()
    {
        var ((ada, project), (eve, other)) = (await server.WithProjectAsync("ada", Ct), await server.WithProjectAsync("eve", Ct));
        var made = await ada.Api.Keys.CreateAsync(project.Id, new(), Ct);

        await Answers.RefusedAsync(() => eve.Api.Keys.RevokeAsync(project.Id, made.Id, Ct), HttpStatusCode.NotFound, "project.not-found");
        await Answers.RefusedAsync(() => eve.Api.Keys.RevokeAsync(other.Id, made.Id, Ct), HttpStatusCode.NotFound, "key.not-found");
        Assert.Equal(HttpStatusCode.OK, await server.KnockAsync(made.Key, Ct));
    }
}
