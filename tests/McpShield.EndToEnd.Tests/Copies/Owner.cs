using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.EndToEnd.Tests.Copies;

/// <summary>Somebody who registered and signed in on one copy, with a project and a key.</summary>
internal sealed class Owner
{
    public required string Email { get; init; }

    public required TokenResponse Tokens { get; init; }

    public required Guid Project { get; init; }

    public required CreatedKeyResponse Key { get; init; }

    public static async Task<Owner> EnterAsync(ShieldCopy copy, CancellationToken ct, string? policy = null)
    {
        var visitor = copy.Client();
        var email = await Registration.RegisterAsync(visitor, ct);
        var tokens = await visitor.Auth.LoginAsync(new(email, Registration.Password), ct);
        var api = copy.Client(tokens.AccessToken);
        var project = (await api.Projects.CreateAsync(new("Engine"), ct)).Id;
        if (policy is not null) await api.Policies.PutAsync(project, new(policy), ct);
        return new() { Email = email, Tokens = tokens, Project = project, Key = await api.Keys.CreateAsync(project, new("first", "robot"), ct) };
    }

    /// <summary>The person on a copy.</summary>
    public ShieldClient On(ShieldCopy copy) => copy.Client(Tokens.AccessToken);

    /// <summary>Their program on a copy, once the copy has heard of its key.</summary>
    public async Task<ShieldClient> AgentOnAsync(ShieldCopy copy, CancellationToken ct)
    {
        var agent = copy.Client(key: Key.Key);
        while (true)
        {
            try
            {
                await agent.Events.EvaluateAsync(new("warm.up"), ct);
                return agent;
            }
            catch (ShieldProblem problem) when (problem.Status is System.Net.HttpStatusCode.Unauthorized)
            {
                await Task.Delay(20, ct);
            }
        }
    }
}
