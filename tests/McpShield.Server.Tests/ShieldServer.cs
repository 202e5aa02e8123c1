using System.Net.Http.Headers;
using McpShield.Contracts.Client;
using McpShield.Data;
using McpShield.Data.Accounts;
using McpShield.Data.Billing;
using McpShield.Data.Ephemeral;
using McpShield.Data.Organizations;
using McpShield.Data.Projects;
using McpShield.Server.Features.Billing;
using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(McpShield.Server.Tests.ShieldServer))]

namespace McpShield.Server.Tests;

/// <summary>The real server, once for all tests of this process. Every test has its own people, so that tests run side by side.</summary>
public sealed class ShieldServer : IAsyncLifetime
{
    private const string WebToken = "the-shared-token-of-web-and-api-in-tests";
    private static int people;

    private readonly TemporaryFolder folder = new();
    private ShieldHost? host;

    public Uri Url => host!.Url;

    public IServiceProvider Services => host!.Services;

    public async ValueTask InitializeAsync()
    {
        host = await StartAsync(await VariablesAsync(), folder.Path, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>The configuration of a server of this backend; tests that need another one add to it.</summary>
    internal static async Task<Dictionary<string, string>> VariablesAsync() => new(await Backend.VariablesAsync(), StringComparer.Ordinal) { ["WEB_API_TOKEN"] = WebToken };

    /// <summary>A server of a test's own.</summary>
    internal static Task<ShieldHost> StartAsync(IReadOnlyDictionary<string, string> variables, string directory, ILoggerFactory loggers, CancellationToken ct, TimeProvider? clock = null) =>
        ShieldHost.StartAsync(new(directory, new("http://127.0.0.1:0"), "0.0.0-test", clock ?? TimeProvider.System, ShieldSettings.Read(variables)), loggers, ct);

    /// <summary>A visitor nobody knows, from an address of their own: limits that count by address do not meet in tests.</summary>
    public HttpClient Visitor() => Visitor(Url);

    internal static HttpClient Visitor(Uri url)
    {
        var number = Interlocked.Increment(ref people);
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = url };
        http.DefaultRequestHeaders.Add(Visitors.TokenHeader, WebToken);
        http.DefaultRequestHeaders.Add(Visitors.AddressHeader, $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}");
        return http;
    }

    /// <summary>A person with an account of their own, on the plan <paramref name="plan"/>, already signed in.</summary>
    public Task<Person> SignInAsync(string name, CancellationToken ct, string plan = Plan.Free) => SignInAsync(host!, name, ct, plan);

    // Straight into the database: that registering and signing in work is what their own tests show, and they cost a password hash each.
    internal static async Task<Person> SignInAsync(ShieldHost host, string name, CancellationToken ct, string plan = Plan.Free)
    {
        var services = host.Services;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var user = new User { Id = Guid.CreateVersion7(now), Email = $"{name}-{Guid.CreateVersion7(now):N}@example.com", FirstName = name, LastName = "Test", IsEmailVerified = true, CreatedAt = now, UpdatedAt = now };
        user.Profile = new() { Id = Guid.CreateVersion7(now), UserId = user.Id, CreatedAt = now, UpdatedAt = now };
        var organization = new Organization { Id = Guid.CreateVersion7(now), Name = $"{name}'s organization", OwnerUserId = user.Id, CreatedAt = now, UpdatedAt = now };
        await using (var db = services.GetRequiredService<ShieldDatabase>().Open())
        {
            db.AddRange(user, organization, new Member { OrgId = organization.Id, UserId = user.Id, Role = Role.Owner, CreatedAt = now });
            await SeededPlans.SubscribeAsync(db, user.Id, plan, now, ct);
            await db.SaveChangesAsync(ct);
        }

        return await SignInAgainAsync(host, user, organization.Id, ct);
    }

    internal static async Task<Person> SignInAgainAsync(ShieldHost host, User user, Guid organization, CancellationToken ct)
    {
        var services = host.Services;
        var session = UserSession.Begin(user.Id, isRemembered: false, "127.0.0.1", "tests", services.GetRequiredService<TimeProvider>().GetUtcNow());
        await services.GetRequiredService<EphemeralStores>().Sessions.CreateAsync(session, RefreshToken.Create(session.Id), ct);
        var http = Visitor(host.Url);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", services.GetRequiredService<AccessTokens>().Issue(session, user.Email));
        return new(http, user, organization);
    }

    /// <summary>The same person in a session that was begun <paramref name="ago"/>.</summary>
    public async Task<HttpClient> SignInBeforeAsync(Person person, TimeSpan ago, CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        var session = UserSession.Begin(person.UserId, isRemembered: true, "127.0.0.1", "tests", now - ago) with { LastUsedAt = now };
        await Services.GetRequiredService<EphemeralStores>().Sessions.CreateAsync(session, RefreshToken.Create(session.Id), ct);
        var http = Visitor();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Services.GetRequiredService<AccessTokens>().Issue(session, person.Email));
        return http;
    }

    /// <summary>A key of a project, in force when this returns.</summary>
    public async Task<string> GiveKeyAsync(Guid project, CancellationToken ct)
    {
        var (key, now) = (ApiKeySecret.Create(), TimeProvider.System.GetUtcNow());
        await using (var db = Services.GetRequiredService<ShieldDatabase>().Open())
        {
            db.ApiKeys.Add(new() { Id = Guid.CreateVersion7(now), ProjectId = project, KeyHash = ApiKeySecret.Digest(key), KeyPrefix = ApiKeySecret.Shown(key), Agent = "robot", CreatedAt = now });
            await db.SaveChangesAsync(ct);
        }

        await Services.GetRequiredService<ProjectRegistry>().RefreshAsync(ct);
        return key;
    }

    /// <summary>An agent's call of <paramref name="tool"/>, which no project of a test has: denied, and on record.</summary>
    public async Task CallAsync(string key, string tool, CancellationToken ct)
    {
        using var agent = Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = Answers.Json($$"""{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "{{tool}}", "arguments": {}, "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} } } }"""),
            Headers = { { "X-API-Key", key }, { "MCP-Protocol-Version", "2026-07-28" }, { "Mcp-Method", "tools/call" }, { "Mcp-Name", tool }, { "Accept", "application/json, text/event-stream" } },
        };
        using var answer = await agent.SendAsync(request, ct);
        Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == System.Net.HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync(ct));
    }

    /// <summary>Puts somebody into another's organization.</summary>
    public async Task JoinAsync(Person member, Person owner, string role, CancellationToken ct)
    {
        await using var db = Services.GetRequiredService<ShieldDatabase>().Open();
        db.Members.Add(new() { OrgId = owner.OrganizationId, UserId = member.UserId, Role = Enum.Parse<Role>(role, ignoreCase: true), CreatedAt = TimeProvider.System.GetUtcNow() });
        await db.SaveChangesAsync(ct);
    }
}

/// <summary>Somebody who has signed in: the typed client, and the plain one for what the typed one would never send.</summary>
public sealed class Person(HttpClient http, User user, Guid organizationId)
{
    public HttpClient Http => http;

    public ShieldClient Api { get; } = new(http);

    public Guid UserId => user.Id;

    public string Email => user.Email;

    internal User User => user;

    public Guid OrganizationId => organizationId;
}
