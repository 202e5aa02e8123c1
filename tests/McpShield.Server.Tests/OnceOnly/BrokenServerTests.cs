using System.Net;
using McpShield.Contracts.Client;
using McpShield.Data;
using McpShield.Server.Features.Policies;
using McpShield.Server.Tests.Background;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.OnceOnly;

/// <summary>What a server says that cannot do its work: each test breaks one of its own.</summary>
public sealed class BrokenServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_its_database_it_is_unavailable_and_says_nothing_of_why()
    {
        using var own = await OwnHost.CreateAsync();
        await using var host = await own.StartAsync(isWorker: false, Ct);
        var ada = await ShieldServer.SignInAsync(host, "ada", Ct);
        await using (var db = host.Services.GetRequiredService<ShieldDatabase>().Open()) await db.Database.ExecuteSqlAsync($"DROP TABLE user_settings", Ct);

        using var answer = await ada.Http.GetAsync(new Uri("/me/settings", UriKind.Relative), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable", Ct);
        Assert.DoesNotContain("user_settings", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], answer.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task What_nobody_thought_of_is_told_with_an_id_and_nothing_else()
    {
        using var own = await OwnHost.CreateAsync();
        await using var host = await own.StartAsync(isWorker: false, Ct);
        var ada = await ShieldServer.SignInAsync(host, "ada", Ct);
        var project = await ada.Api.Projects.CreateAsync(new("Engine"), Ct);
        await ada.Api.Keys.CreateAsync(project.Id, new("secret name"), Ct);
        await using (var db = host.Services.GetRequiredService<ShieldDatabase>().Open()) await db.Database.ExecuteSqlAsync($"UPDATE api_keys SET roles = 'no list'", Ct);

        using var answer = await ada.Http.GetAsync(new Uri($"/projects/{project.Id:D}/keys", UriKind.Relative), Ct);

        var problem = await answer.IsProblemAsync(HttpStatusCode.InternalServerError, "internal", Ct);
        Assert.Equal(["code", "detail", "status", "title", "trace_id", "type"], problem.AsObject().Select(static member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task When_projects_cannot_be_read_no_key_is_good()
    {
        using var own = await OwnHost.CreateAsync();
        await using var host = await own.StartAsync(isWorker: false, Ct);
        await using (var db = host.Services.GetRequiredService<ShieldDatabase>().Open()) await db.ChangeCounters.ExecuteDeleteAsync(Ct);
        using var agent = ShieldServer.Visitor(host.Url);
        agent.DefaultRequestHeaders.Add("X-API-Key", "mcps_any");

        while (true)
        {
            // Until then the last that was read is in force.
            using var answer = await agent.GetAsync(new Uri("/policy", UriKind.Relative), Ct);
            if (answer.StatusCode == HttpStatusCode.Unauthorized) continue;
            await answer.IsProblemAsync(HttpStatusCode.ServiceUnavailable, "not_ready", Ct);
            break;
        }
    }

    [Fact]
    public async Task Whoever_finds_every_place_for_thinking_taken_is_told_to_come_back()
    {
        using var own = await OwnHost.CreateAsync();
        await using var host = await own.StartAsync(isWorker: false, Ct);
        using var visitor = ShieldServer.Visitor(host.Url);
        using var done = new ManualResetEventSlim();
        var work = host.Services.GetRequiredService<PolicyWork>();
        Task[] thoughts = [.. Enumerable.Range(0, 2).Select(_ => work.TryAsync(stop => { done.Wait(stop); return ""; }, Ct))];

        await Answers.RefusedAsync(() => new ShieldClient(visitor).Policies.TryAsync(new("version: 1\nrules: []\n", "fs.read"), Ct), HttpStatusCode.ServiceUnavailable, "policy.too-busy");

        done.Set();
        await Task.WhenAll(thoughts);
    }
}
