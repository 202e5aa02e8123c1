using System.Text.Json.Nodes;
using McpShield.Contracts.Client;
using McpShield.Data;
using McpShield.Data.Billing;
using McpShield.Data.Projects;
using McpShield.Server.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Events;

/// <summary>A program with a project's key.</summary>
public sealed class AgentProgram(HttpClient http, Guid projectId, Guid keyId) : IDisposable
{
    public HttpClient Http => http;

    public ShieldClient Api { get; } = new(http);

    public Guid ProjectId => projectId;

    public Guid KeyId => keyId;

    public async Task<JsonNode> IngestAsync(string body, CancellationToken ct)
    {
        using var answer = await http.PostAsync("/events/ingest", Answers.Json(body), ct);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        return await answer.JsonAsync(ct);
    }

    public async Task<JsonNode> EvaluateAsync(string body, CancellationToken ct)
    {
        using var answer = await http.PostAsync("/policy/evaluate", Answers.Json(body), ct);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return await answer.JsonAsync(ct);
    }

    public void Dispose() => http.Dispose();
}

/// <summary>Projects with a key, and organizations on plans of a test's own.</summary>
internal static class Agents
{
    public static Task<AgentProgram> AgentAsync(this ShieldServer server, Person owner, CancellationToken ct, string? policy = null) => AgentAsync(server.Services, server.Url, owner, ct, policy);

    // The key goes straight into the database: that keys can be made is what their own tests show.
    public static async Task<AgentProgram> AgentAsync(IServiceProvider services, Uri url, Person owner, CancellationToken ct, string? policy = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var key = ApiKeySecret.Create();
        var project = new Project { Id = Guid.CreateVersion7(now), OrgId = owner.OrganizationId, Name = $"p-{Guid.CreateVersion7(now):N}", Environment = "dev", PolicyYaml = policy ?? "version: 1\ndefault: deny\nrules: []\n", CreatedAt = now, UpdatedAt = now };
        var row = new ApiKey { Id = Guid.CreateVersion7(now), ProjectId = project.Id, KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Agent = "tester", CreatedAt = now };
        project.Keys.Add(row);
        await using (var db = services.GetRequiredService<ShieldDatabase>().Open())
        {
            db.Add(project);
            await db.SaveChangesAsync(ct);
        }

        await services.GetRequiredService<ProjectRegistry>().RefreshAsync(ct);
        var http = ShieldServer.Visitor(url);
        http.DefaultRequestHeaders.Add("X-API-Key", key);
        return new(http, project.Id, row.Id);
    }

    /// <summary>Puts an organization's owner on a plan with these limits.</summary>
    public static async Task LimitAsync(IServiceProvider services, Person owner, PlanLimits limits, CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var db = services.GetRequiredService<ShieldDatabase>().Open();
        var plan = new Plan { Id = Guid.CreateVersion7(now), Code = $"t{Guid.CreateVersion7(now):N}"[..32], Name = "Test", Description = "of a test", IsActive = false, Rank = 9, Limits = limits };
        db.Add(plan);
        await db.SaveChangesAsync(ct);
        await db.Subscriptions.Where(one => one.UserId == owner.UserId && one.IsCurrent).ExecuteUpdateAsync(set => set.SetProperty(static one => one.PlanId, plan.Id), ct);
    }

    public static async Task<T> ReadAsync<T>(this ShieldServer server, Func<ShieldDb, Task<T>> read)
    {
        await using var db = server.Services.GetRequiredService<ShieldDatabase>().Open();
        return await read(db);
    }

    /// <summary>Waits for what the background does.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await holds()) await Task.Delay(50, patience.Token);
    }
}
