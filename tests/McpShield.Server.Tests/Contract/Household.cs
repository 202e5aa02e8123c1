using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using McpShield.Contracts;
using McpShield.Data.Billing;
using McpShield.Data.Ephemeral;
using McpShield.Server.Tests.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Contract;

/// <summary>A person with one of everything that an address can name, so that every operation can be asked about something that exists.</summary>
internal sealed class Household
{
    private readonly ShieldServer server;
    private readonly Dictionary<string, string> had = new(StringComparer.Ordinal);

    private Household(ShieldServer server, Person owner, ProjectResponse project, string key) => (this.server, Owner, Project, Key) = (server, owner, project, key);

    public Person Owner { get; }

    public ProjectResponse Project { get; }

    public string Key { get; }

    public static async Task<Household> FoundAsync(ShieldServer server, string name, CancellationToken ct, string plan = Plan.Pro)
    {
        var owner = await server.SignInAsync(name, ct, plan);
        var project = await owner.Api.Projects.CreateAsync(new("Household"), ct);
        return new(server, owner, project, await server.GiveKeyAsync(project.Id, ct));
    }

    /// <summary>Something of the household's that a parameter of a path can name.</summary>
    public async Task<string> HaveAsync(string parameter, CancellationToken ct) => had.TryGetValue(parameter, out var one) ? one : had[parameter] = await MakeAsync(parameter, ct);

    /// <summary>The path of an operation, about what is the household's.</summary>
    public async Task<string> PathAsync(string template, CancellationToken ct)
    {
        foreach (var name in Names(template)) template = Put(template, name, await HaveAsync(name, ct));
        return template;
    }

    /// <summary>The parameters of a path, whether they stand there with their constraints or without.</summary>
    public static IReadOnlyList<string> Names(string template) => [.. Parameter().Matches(template).Select(static found => found.Groups["name"].Value)];

    public static string Put(string template, string name, string value) => Parameter().Replace(template, found => found.Groups["name"].Value == name ? value : found.Value);

    /// <summary>A request as the household's person or program sends it; <paramref name="visitor"/> where nobody is asked for.</summary>
    public Task<HttpResponseMessage> SendAsync(ApiOperation operation, string path, HttpContent? body, CancellationToken ct, HttpClient? visitor = null) =>
        SendAsync(operation, path, body, operation.NeedsUser ? Owner.Http.DefaultRequestHeaders.Authorization : null, ct, visitor);

    public async Task<HttpResponseMessage> SendAsync(ApiOperation operation, string path, HttpContent? body, AuthenticationHeaderValue? user, CancellationToken ct, HttpClient? visitor = null)
    {
        using var own = visitor is null ? server.Visitor() : null;
        using var request = new HttpRequestMessage(operation.Method, path) { Content = body };
        if (operation.NeedsKey) request.Headers.Add("X-API-Key", Key);
        request.Headers.Authorization = user;
        return await (visitor ?? own!).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    private static Regex Parameter() => new(@"\{(?<name>\w+)(?<constraint>:\w+)?\}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    // A parameter that is new needs a line here.
    private async Task<string> MakeAsync(string parameter, CancellationToken ct) => parameter switch
    {
        "projectId" => Project.Id.ToString("D"),
        "keyId" => (await Owner.Api.Keys.CreateAsync(Project.Id, new("A key"), ct)).Id.ToString("D"),
        "version" => "1",
        "auditId" => await DecideAsync(ct),
        "invoiceId" => (await Owner.Api.Billing.SubscribeAsync(new("pro", "year"), ct)).InvoiceId!.Value.ToString("D"),
        "invitationId" => (await Owner.Api.Organizations.InviteAsync(new($"{Guid.CreateVersion7(server.Now()):N}@example.com", "developer"), ct)).Id.ToString("D"),
        "userId" => (await server.ColleagueAsync(Owner, "colleague", "developer", ct)).UserId.ToString("D"),
        "sessionId" => await SignInElsewhereAsync(ct),
        _ => throw new NotSupportedException($"a household has no {parameter}: say here what one is, so that every operation with it is tried"),
    };

    private async Task<string> DecideAsync(CancellationToken ct)
    {
        using var http = server.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/policy/evaluate") { Content = Answers.Json("""{ "tool": "fs.read" }"""), Headers = { { "X-API-Key", Key } } };
        using var answer = await http.SendAsync(request, ct);
        return (string)(await answer.JsonAsync(ct))["decision_id"]!;
    }

    private async Task<string> SignInElsewhereAsync(CancellationToken ct)
    {
        var session = UserSession.Begin(Owner.UserId, isRemembered: false, "127.0.0.1", "elsewhere", server.Now());
        await server.Services.GetRequiredService<EphemeralStores>().Sessions.CreateAsync(session, RefreshToken.Create(session.Id), ct);
        return session.Id.ToString("D");
    }
}
