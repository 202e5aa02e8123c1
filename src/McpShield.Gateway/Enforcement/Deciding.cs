using McpShield.Policy.Evaluation;

namespace McpShield.Gateway.Enforcement;

/// <summary>The decision of a question with what follows from it before anything happens: the plan, limits, filters of the arguments, the session's counts.</summary>
internal static class Deciding
{
    /// <summary>Decides <paramref name="question"/> in the circumstances of <paramref name="record"/>; what the filters made of the arguments, where they changed them.</summary>
    // A limit that is used up is a deny with its own reason, never another rule's turn.
    public static async ValueTask<(Decision Decision, ReadOnlyMemory<byte> Filtered)> DecideAsync(GatewayProject project, CompiledPolicy policy, CallRecord record, Conversation conversation, ToolCall question, CancellationToken ct)
    {
        if (project.RefusesAt(record.Arrived)) return (Decisions.QuotaExceeded, default);
        var limits = project.Limits.OfCall(record.Arrived);
        while (conversation.State is { } gathered)
        {
            var (decision, filtered) = (Authorizer.Decide(policy, question with { Context = record.Context(gathered) }), default(ReadOnlyMemory<byte>));
            if (!policy.IsShadow)
            {
                decision = await limits.ApplyAsync(decision, ct);
                decision = project.Filters.FilterArguments(decision, question.Arguments, out filtered);
            }

            if (decision.Outcome is Outcome.Approve) return (decision with { Reason = Reason.ApprovalRequired }, filtered);
            if (decision.Outcome is not Outcome.Allow || await conversation.TryCountAsync(question.Tool, policy.ReadsSession, ct)) return (decision, filtered);

            // The session has gathered something since it was read: decided anew. Each round is another call that got through, so they end.
        }

        return (Decisions.SessionUnavailable, default);
    }
}
