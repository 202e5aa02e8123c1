using System.Text;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Enforcement;

/// <summary>How a refusal reads to an agent: a tool result that is an error, with a reason a model can act on.</summary>
internal static class DenialText
{
    public static RpcReply Reply(JsonView id, Guid callId, Decision decision, bool modern) =>
        RpcReply.ToolError(id, Sentence(callId, decision), modern);

    // It names the rule, the reason and what was wrong with the call, never a value of the arguments: results end up in
    // transcripts that others read.
    private static string Sentence(Guid callId, Decision decision)
    {
        var text = new StringBuilder(decision.Outcome is Outcome.Approve ? "Waiting for a person: " : "Denied by policy: ");
        text.Append(decision.Message);
        foreach (var detail in decision.Details) text.Append("; ").Append(detail.Message);
        text.Append(" (");
        if (decision.Rule is not null) text.Append("rule ").Append(decision.Rule).Append(", ");
        text.Append("reason ").Append(WireNames.Of(decision.Reason)).Append(", decision ").Append(callId).Append(").");
        return text.ToString();
    }
}
