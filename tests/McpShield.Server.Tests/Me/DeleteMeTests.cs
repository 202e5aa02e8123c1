using System.Net;
using McpShield.Data;
using McpShield.Data.Projects;
using McpShield.Server.Hosting;
using McpShield.Server.Tests.Auth;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Me;

public sealed class DeleteMeTests(ShieldServer server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_goes_with_the_account_and_its_keys_open_nothing()
    {
        var ada = await server.EnterAsync(Ct);
        var organization = (await ada.Api.Me.GetAsync(Ct)).OrganizationId;
        var key = await KeyOfAsync((await ada.Api.Projects.CreateAsync(new("Engine"), Ct)).Id);
        Assert.NotEqual(HttpStatusCode.Unauthorized, await KnockAsync(key));

        await ada.Api.Me.DeleteAsync(new(Account.Password), Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, await KnockAsync(key));
        await Answers.RefusedAsync(() => ada.Api.Me.GetAsync(Ct), HttpStatusCode.Unauthorized, "auth.required");
        await Answers.RefusedAsync(() => ada.SignInAsync(Ct), HttpStatusCode.Unauthorized, "auth.wrong");
        await server.RecordedAsync(organization, "account.deleted", Ct);
    }

    [Fact]
    public async Task The_address_is_free_again()
    {
        var ada = await server.EnterAsync(Ct);
        await ada.Api.Me.DeleteAsync(new(Account.Password), Ct);

        await ada.Api.Auth.RegisterAsync(ada.Registration, Ct);

        Assert.Equal("otp", (await ada.MailsAsync(Ct))[0].Kind);
    }

    [Theory]
    [InlineData("""{"password": "not the password"}""")]
    [InlineData("{}")]
    public async Task A_wrong_password_deletes_nothing(string body)
    {
        var ada = await server.EnterAsync(Ct);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/me") { Content = Answers.Json(body) };

        using var answer = await ada.Http.SendAsync(request, Ct);

        await answer.IsProblemAsync(HttpStatusCode.Forbidden, "password.wrong", Ct);
        await ada.Api.Me.GetAsync(Ct);
    }

    [Fact]
    public async Task Members_of_the_organization_lose_it_and_keep_their_own()
    {
        var (ada, bob) = (await server.SignInAsync("ada", Ct), await server.SignInAsync("bob", Ct));
        await server.JoinAsync(bob, ada, "developer", Ct);

        await ada.Api.Me.DeleteAsync(new(), Ct);

        Assert.Equal([bob.OrganizationId], (await bob.Api.Me.GetAsync(Ct)).Organizations.Select(static one => one.Id));
    }

    private async Task<string> KeyOfAsync(Guid project)
    {
        var key = ApiKeySecret.Create();
        var now = TimeProvider.System.GetUtcNow();
        await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
        db.ApiKeys.Add(new() { Id = Guid.CreateVersion7(now), ProjectId = project, KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Agent = "test", CreatedAt = now });
        await db.SaveChangesAsync(Ct);
        return key;
    }

    private async Task<HttpStatusCode> KnockAsync(string key)
    {
        await server.Services.GetRequiredService<ProjectRegistry>().RefreshAsync(Ct); // what happens twice a second anyway
        using var visitor = server.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = Answers.Json("""{"jsonrpc":"2.0","id":1,"method":"ping"}"""), Headers = { { "X-API-Key", key } } };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await visitor.SendAsync(request, Ct);
        return answer.StatusCode;
    }
}
