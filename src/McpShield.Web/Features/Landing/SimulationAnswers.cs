using System.Collections.Concurrent;
using McpShield.Contracts;
using McpShield.Contracts.Client;

namespace McpShield.Web.Features.Landing;

/// <summary>Decides the calls of the first page. What the example's own policy says of its own calls never changes, so it is asked once.</summary>
internal sealed class SimulationAnswers
{
    private readonly ConcurrentDictionary<SimulationCall, ExplainedDecision> known = new();

    public async Task<ExplainedDecision> DecideAsync(ShieldClient api, string policy, SimulationCall call, CancellationToken ct)
    {
        var isExample = policy == SimulationCalls.Policy;
        if (isExample && known.TryGetValue(call, out var before)) return before;
        var decided = await api.Policies.TryAsync(new(policy, call.Tool, call.ToJson()), ct);
        if (isExample) known.TryAdd(call, decided);
        return decided;
    }
}
