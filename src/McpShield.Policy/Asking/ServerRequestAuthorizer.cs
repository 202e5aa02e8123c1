using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Asking;

/// <summary>Decides what a server asks of an agent: first whether it may ask such a thing, then whether it may ask this. A pure function, like every decision.</summary>
public static class ServerRequestAuthorizer
{
    /// <summary>The decision. Shadow mode does not loosen it: it would let servers ask what nobody has allowed them to.</summary>
    /// <param name="policy">The policy in force.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="parameters">Its parameters, or no value.</param>
    public static Decision Decide(CompiledPolicy policy, string method, JsonView parameters)
    {
        var kind = ServerRequestKinds.Of(method);
        if (kind is ServerRequestKind.Unknown) return Deny("it is no request that a server may send an agent");
        if (!policy.ServerRequests.Allow(kind)) return Deny($"the policy does not let servers ask for {Word(kind)} (`server_requests`)");

        var problem = kind switch
        {
            ServerRequestKind.Elicitation => ElicitationRequest.Problem(parameters),
            ServerRequestKind.Sampling => SamplingRequest.Problem(parameters),
            _ => AskedMembers.Only(parameters, "_meta"),
        };
        return problem is null
            ? new() { Outcome = Outcome.Allow, Reason = Reason.Rule, Rule = $"server_requests.{Word(kind)}", Message = $"the policy lets servers ask for {Word(kind)}" }
            : Deny(problem) with { Details = [new(DetailCode.Schema, problem)] };
    }

    private static string Word(ServerRequestKind kind) => kind switch
    {
        ServerRequestKind.Elicitation => "elicitation",
        ServerRequestKind.Sampling => "sampling",
        _ => "roots",
    };

    private static Decision Deny(string message) => new() { Outcome = Outcome.Deny, Reason = Reason.ServerRequestDenied, Message = message };
}
