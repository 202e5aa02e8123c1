using McpShield.Audit;
using McpShield.Gateway.Enforcement;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway;

/// <summary>The answer to whoever asks for a decision and carries the call out itself.</summary>
/// <param name="DecisionId">Names it in the audit log.</param>
/// <param name="Decision">What was decided; its rate limits are counted already.</param>
/// <param name="Arguments">The arguments without what the filters take out of them; empty when they may go as they are.</param>
/// <param name="IsShadow">The policy is in shadow: the answer is on record, and nobody need obey it.</param>
public sealed record Evaluation(Guid DecisionId, Decision Decision, ReadOnlyMemory<byte> Arguments, bool IsShadow);

/// <summary>Decisions without a call: the caller asks, and obeys by itself.</summary>
public sealed partial class GatewayProject
{
    /// <summary>What the record says of how a decision was asked for.</summary>
    public const string EvaluateMethod = "policy/evaluate";

    /// <summary>Decides, and returns when the decision is on record.</summary>
    /// <remarks>
    /// The steps of a call, but for those that need a server: there is no catalogue, so a tool is whatever the caller says, and no database looks
    /// at a statement. Nobody sees an answer either; so the session gathers the labels of a call that may happen at once, as if it had succeeded.
    /// </remarks>
    /// <param name="agent">Who asks.</param>
    /// <param name="tool">The qualified name, as policies see it.</param>
    /// <param name="arguments">The arguments as they were read.</param>
    /// <param name="session">The caller's own name for its session; <c>null</c>: the key's.</param>
    /// <param name="ct">The caller no longer waits.</param>
    public async Task<Evaluation> EvaluateAsync(Agent agent, string tool, JsonView arguments, string? session, CancellationToken ct)
    {
        var policy = Policy;
        var record = new CallRecord(agent, Exchange.Unknown, EvaluateMethod, policy.Hash, Services.Clock) { Tool = tool, Arguments = arguments, IsShadow = policy.IsShadow };
        var own = await OpenAsync(agent, session: null, ct);
        var conversation = session is null ? own : await InheritAsync(agent, session, own, ct);
        var (decision, filtered) = await Deciding.DecideAsync(this, policy, record, conversation, new(tool, arguments, CallContext.Empty), ct);
        if (decision.Outcome is Outcome.Allow)
        {
            string[] labels = [.. decision.Obligations.OfType<LabelObligation>().SelectMany(static one => one.Labels)];
            if (!await own.TryAddAsync(labels) || !await conversation.TryAddAsync(labels)) (decision, filtered) = (Decisions.SessionUnavailable, default);
        }

        if (decision.Reason is Reason.FilterBlocked) record.Arguments = default; // what must not pass must not be kept either
        using var rewritten = filtered.IsEmpty ? null : Reread(filtered);
        if (rewritten is not null) record.Arguments = rewritten.Root;
        return await AnswerAsync(record, decision, filtered, ct);
    }

    /// <summary>Puts on record that a question could not be read, and denies it.</summary>
    public Task<Evaluation> RefuseEvaluationAsync(Agent agent, string why, CancellationToken ct)
    {
        var record = new CallRecord(agent, Exchange.Unknown, EvaluateMethod, policyHash: null, Services.Clock);
        return AnswerAsync(record, Decisions.InvalidRequest(why), default, ct);
    }

    // Whoever asks keeps sessions apart by names of its own, which mean nothing to another key.
    private ValueTask<Conversation> OpenAsync(Agent agent, string? session, CancellationToken ct) => Conversation.OpenAsync(
        Sessions, $"{Identity.ProjectId:N} {agent.Principal.Key}{(session is null ? "" : $" session {session}")}", handle: null, Services.Loggers.CreateLogger<GatewayProject>(), ct);

    // THREAT: an agent that takes another name to be rid of its labels. A named session has whatever its key has gathered.
    private async ValueTask<Conversation> InheritAsync(Agent agent, string session, Conversation own, CancellationToken ct)
    {
        var named = await OpenAsync(agent, session, ct);
        if (own.State is not { } gathered) return own;
        if (named.State is not { } known || gathered.Labels.All(known.Labels.Contains)) return named;
        return await named.TryAddAsync([.. gathered.Labels]) ? await OpenAsync(agent, session, ct) : Conversation.Unreachable;
    }

    private async Task<Evaluation> AnswerAsync(CallRecord record, Decision decision, ReadOnlyMemory<byte> arguments, CancellationToken ct)
    {
        try
        {
            await Services.Audit.CommitAsync(record.Decided(decision), ct);
            return new(record.CallId, decision, decision.Outcome is Outcome.Deny ? default : arguments, record.IsShadow);
        }
        catch (AuditUnavailableException failure)
        {
            EvaluationLog.NotRecorded(Services.Loggers.CreateLogger<GatewayProject>(), failure);
            return new(record.CallId, Decisions.AuditUnavailable, default, IsShadow: false);
        }
    }

    private static JsonTree Reread(ReadOnlyMemory<byte> json) =>
        JsonTree.TryRead(json, JsonLimits.Arguments, out var tree, out var fault) ? tree! : throw new InvalidOperationException(fault.Message);

    private static partial class EvaluationLog
    {
        [LoggerMessage(5, LogLevel.Error, "A decision that was asked for could not be put on record; it was denied")]
        public static partial void NotRecorded(ILogger logger, Exception failure);
    }
}
