using System.Net;
using McpShield.Contracts;

namespace McpShield.Server.Tests;

/// <summary>Programs with a key, as agents and gateways are.</summary>
internal static class Machines
{
    /// <summary>What the server says to a program that shows <paramref name="key"/>.</summary>
    public static async Task<HttpResponseMessage> AskAsync(this ShieldServer server, string key, CancellationToken ct, string? ifNoneMatch = null)
    {
        using var http = server.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/policy") { Headers = { { "X-API-Key", key } } };
        if (ifNoneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await http.SendAsync(request, ct);
    }

    /// <summary>The status with which a key is answered at the front door.</summary>
    public static async Task<HttpStatusCode> KnockAsync(this ShieldServer server, string key, CancellationToken ct)
    {
        using var answer = await server.AskAsync(key, ct);
        return answer.StatusCode;
    }

    /// <summary>A person with a project.</summary>
    public static async Task<(Person Person, ProjectResponse Project)> WithProjectAsync(this ShieldServer server, string name, CancellationToken ct, string? policyYaml = null)
    {
        var person = await server.SignInAsync(name, ct);
        return (person, await person.Api.Projects.CreateAsync(new("Payments", PolicyYaml: policyYaml), ct));
    }

    /// <summary>Another person, in the organization of <paramref name="owner"/>.</summary>
    public static async Task<Person> ColleagueAsync(this ShieldServer server, Person owner, string name, string role, CancellationToken ct)
    {
        var person = await server.SignInAsync(name, ct);
        await server.JoinAsync(person, owner, role, ct);
        return person;
    }
}
