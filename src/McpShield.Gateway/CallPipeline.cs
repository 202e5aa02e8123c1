using McpShield.Audit;
using McpShield.Gateway.Asking;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Enforcement;
using McpShield.Gateway.Protocol;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Redaction;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway;

/// <summary>A <c>tools/call</c> on its way.</summary>
/// <param name="Agent">Who asks.</param>
/// <param name="Message">The request.</param>
/// <param name="Exchange">The protocol revision and what the client says it is.</param>
/// <param name="Progress">Where progress goes, when the agent asked for it.</param>
/// <param name="Stream">Where what a server asks goes; <c>null</c>: nowhere.</param>
internal sealed record AgentCall(Agent Agent, RpcMessage Message, Exchange Exchange, IProgress<UpstreamProgress>? Progress, IAgentStream? Stream);

/// <summary>Progress without its text: of an answer that is held back until all of it was looked at, nothing may be read before.</summary>
internal sealed class QuietProgress(IProgress<UpstreamProgress> loud) : IProgress<UpstreamProgress>
{
    public static QuietProgress? For(IProgress<UpstreamProgress>? progress) => progress is null ? null : new(progress);

    public void Report(UpstreamProgress value) => loud.Report(value with { HasText = false });
}

/// <summary>What happens to one call.</summary>
/// <remarks>
/// 1 authenticate (done by the front that made the <see cref="Agent"/>)  2 resolve the tool  3 decide  4 commit the decision
/// 5 forward  6 carry out obligations on the answer  7 complete the record.
/// Steps 1–4 can only end the call. Step 7 runs however the call ended.
/// </remarks>
internal sealed partial class CallPipeline(GatewayProject project, RecordKeeper records)
{
    private readonly TimeProvider clock = project.Services.Clock;
    private readonly ILogger logger = project.Services.Loggers.CreateLogger<CallPipeline>();

    public async Task<RpcReply> HandleAsync(AgentCall call, CancellationToken ct)
    {
        // INVARIANT: one policy a call. A change in mid-flight must not mix two rule sets.
        var policy = project.Policy;
        var record = new CallRecord(call.Agent, call.Exchange, call.Message.Method, policy.Hash, clock);
        var id = call.Message.Id;

        // 2 resolve
        if (ToolCallParams.Problem(call.Message.Params) is { } problem)
        {
            return await RefuseAsync(record, Decisions.InvalidRequest(problem), RpcReply.Error(id, RpcError.InvalidParams(problem)), ct);
        }

        var name = call.Message.Params["name"u8].GetString();
        var arguments = call.Message.Params["arguments"u8];
        record.Arguments = arguments;
        var catalogue = await project.Upstreams.CatalogueAsync(ct);
        if (catalogue.Find(name) is not { } entry)
        {
            record.Tool = name;
            return await RefuseAsync(record, Decisions.UnknownTool, RpcReply.Error(id, RpcError.UnknownTool), ct);
        }

        record.Tool = entry.Tool.QualifiedName;
        record.ToolPin = entry.Tool.Pin;

        // 3 decide
        var first = await TryPrepareAsync(entry, arguments, ct);
        var conversation = await ConversationOfAsync(call, ct);
        var (decision, filtered) = await DecideAsync(policy, entry, first, record, conversation, ct);
        using var rewritten = Read(filtered);
        if (rewritten is not null) record.Arguments = rewritten.Root;
        else if (decision.Reason is Reason.FilterBlocked) record.Arguments = default; // what must not pass must not be kept either

        // What was filtered is another call: a database looks at it anew, and what it will not run is denied.
        using var prepared = await PrepareAgainAsync(entry, first, rewritten, ct);
        if (rewritten is not null && (prepared is null || prepared.Statement?.Refusal is not null)) decision = Decisions.FilteredCallRefused;
        if (prepared is null || !MayGoOn(policy, decision, prepared))
        {
            // D14: a tool that this agent may never use answers exactly like one that does not exist.
            var reply = !policy.CouldAllow(entry.Tool.QualifiedName)
                ? RpcReply.Error(id, RpcError.UnknownTool)
                : DenialText.Reply(id, record.CallId, decision, call.Exchange.IsModern);
            return await RefuseAsync(record, decision, reply, ct);
        }

        record.IsShadow = policy.IsShadow;
        if ((policy.IsShadow ? AnswerDuties.None : AnswerDuties.Of(decision, project.Filters)) is not { } duties)
        {
            return await RefuseAsync(record, Decisions.ObligationUnknown, DenialText.Reply(id, record.CallId, Decisions.ObligationUnknown, call.Exchange.IsModern), ct);
        }

        // 4 commit. INVARIANT: nothing runs that is not on record. If it cannot be recorded, the call ends here.
        if (!await records.TryCommitAsync(record.Decided(decision), ct)) return DenialText.Reply(id, record.CallId, Decisions.AuditUnavailable, call.Exchange.IsModern);

        // 5 forward
        var started = clock.GetTimestamp();
        try
        {
            using var answer = await ForwardAsync(call, policy, entry, prepared, record, duties, conversation, ct);

            // 6 obligations. INVARIANT: the session has its labels before any of the answer is released. A tool that reports an error
            // has answered too: else a server could say what it likes past the labels.
            if (!await conversation.TryAddAsync(duties.Labels))
            {
                await records.CompleteAsync(record.Ended(CallStatus.Refused, clock.GetElapsedTime(started), answer.Result.Raw.Length, "what the session gathers could not be kept"));
                return RpcReply.ToolError(id, $"The call was made, but what the session gathers from it cannot be kept at the moment, so its answer is held back (decision {record.CallId}).", call.Exchange.IsModern);
            }

            if ((answer.Result.Exists ? answer.Result : answer.Error).Raw.Length > duties.MaxBytes)
            {
                await records.CompleteAsync(record.Ended(CallStatus.Refused, clock.GetElapsedTime(started), answer.Result.Raw.Length, $"the answer is larger than the {duties.MaxBytes} bytes that the rule lets pass"));
                return RpcReply.ToolError(id, $"The call was made, but its answer is larger than the {duties.MaxBytes} bytes that rule {decision.Rule} lets pass. Ask for less.", call.Exchange.IsModern);
            }

            if (Answers.AreQuestion(answer))
            {
                await records.CompleteAsync(record.Ended(CallStatus.Refused, clock.GetElapsedTime(started), answer.Result.Raw.Length, "the server answered with a question to the agent"));
                return RpcReply.ToolError(id, $"The call was made, but the server wants input first, in a form that the gateway does not pass on (reason {WireNames.Of(Reason.ServerRequestDenied)}, decision {record.CallId}).", call.Exchange.IsModern);
            }

            using var shown = Filtered(answer, duties.Redactor, out var blocked);
            if (blocked)
            {
                await records.CompleteAsync(record.Ended(CallStatus.Refused, clock.GetElapsedTime(started), answer.Result.Raw.Length, "a filter kept the answer back"));
                return RpcReply.ToolError(id, $"The call was made, but its answer holds what the filters of rule {decision.Rule} keep back (reason {WireNames.Of(Reason.FilterBlocked)}, decision {record.CallId}).", call.Exchange.IsModern);
            }

            var (reply, status, bytes) = Answers.Pass(id, shown ?? answer, call.Exchange.IsModern, conversation.Handle);

            // 7 complete
            await records.CompleteAsync(record.Ended(status, clock.GetElapsedTime(started), bytes, error: null));
            return reply;
        }
        catch (UpstreamException failure)
        {
            await records.CompleteAsync(record.Ended(failure.Status, clock.GetElapsedTime(started), bytes: 0, failure.Message));
            return RpcReply.ToolError(id, $"The call was allowed, but it failed: {failure.Message}.", call.Exchange.IsModern);
        }
        catch (Exception bug)
        {
            Log.CallFailed(logger, bug, entry.Tool.QualifiedName);
            await records.CompleteAsync(record.Ended(CallStatus.Failed, clock.GetElapsedTime(started), bytes: 0, bug.GetType().Name));
            return RpcReply.Error(id, RpcError.Internal("The gateway failed while it carried out the call; the failure is on record"));
        }
    }

    // What the server asks of the agent meanwhile is decided and recorded by itself, and over when the call is.
    private static async Task<UpstreamAnswer> ForwardAsync(AgentCall call, CompiledPolicy policy, CatalogueEntry entry, PreparedCall prepared, CallRecord record, AnswerDuties duties, Conversation conversation, CancellationToken ct)
    {
        await using var questions = CallQuestions.For(call, policy, entry.Tool.QualifiedName, record.CallId, duties, conversation);
        return await entry.Upstream.CallAsync(prepared, duties.IsHeldBack ? QuietProgress.For(call.Progress) : call.Progress, questions, ct);
    }

    private ValueTask<Conversation> ConversationOfAsync(AgentCall call, CancellationToken ct) =>
        Conversation.OpenAsync(call.Exchange.Session ?? project.Sessions, $"{project.Identity.ProjectId:N} {call.Agent.Principal.Key}", call.Message.Meta["io.mcpshield/conversation"u8].AsString(), logger, ct);

    private ValueTask<(Decision Decision, ReadOnlyMemory<byte> Filtered)> DecideAsync(CompiledPolicy policy, CatalogueEntry entry, PreparedCall? prepared, CallRecord record, Conversation conversation, CancellationToken ct)
    {
        if (prepared is null) return ValueTask.FromResult((Decisions.EvaluationError, default(ReadOnlyMemory<byte>)));
        if (entry.HasChanged) return ValueTask.FromResult((Decisions.ToolChanged, default(ReadOnlyMemory<byte>)));
        return Deciding.DecideAsync(project, policy, record, conversation, new(entry.Tool.QualifiedName, prepared.Arguments, CallContext.Empty, prepared.Statement, entry.Tool.Schema), ct);
    }

    private static JsonTree? Read(ReadOnlyMemory<byte> json) => json.IsEmpty ? null : JsonTree.TryRead(json, JsonLimits.Arguments, out var tree, out var fault) ? tree : throw new InvalidOperationException(fault.Message);

    private async ValueTask<PreparedCall?> PrepareAgainAsync(CatalogueEntry entry, PreparedCall? first, JsonTree? rewritten, CancellationToken ct)
    {
        if (rewritten is null) return first;
        first?.Dispose();
        return await TryPrepareAsync(entry, rewritten.Root, ct);
    }

    // The answer with what was found taken out of it; null: nothing was found.
    private static UpstreamAnswer? Filtered(UpstreamAnswer answer, Redactor? redactor, out bool isBlocked)
    {
        isBlocked = false;
        if (redactor is null) return null;
        var isResult = answer.Result.Exists;
        var redaction = redactor.Redact(isResult ? answer.Result : answer.Error);
        isBlocked = redaction.IsBlocked;
        if (isBlocked || !redaction.IsChanged) return null;
        isBlocked = !JsonTree.TryRead(redaction.Rewritten, new(Redactor.MaxDocument * 2, 128, 1_000_000), out var tree, out _);
        return isBlocked ? null : isResult ? new(tree!, tree!.Root, default) : new(tree!, default, tree!.Root);
    }

    // SPEC: section 8, shadow: it blocks nothing but what cannot be a call. What a connection cannot run, it still cannot; and a plan is no policy.
    private static bool MayGoOn(CompiledPolicy policy, Decision decision, PreparedCall prepared) =>
        policy.IsShadow ? decision.Reason is not (Reason.InvalidRequest or Reason.QuotaExceeded) && prepared.Statement?.Refusal is null : decision.Outcome is Outcome.Allow;

    /// <summary>Puts on record that a message was refused before there was a call to decide.</summary>
    public async Task<RpcReply> RefuseMessageAsync(Agent agent, Exchange exchange, string? method, string why, RpcReply reply, CancellationToken ct)
    {
        var record = new CallRecord(agent, exchange, method, policyHash: null, clock);
        return await RefuseAsync(record, Decisions.InvalidRequest(why), reply, ct);
    }

    // An upstream that fails before anything was decided leaves nothing to decide on: a deny, like every error.
    private async ValueTask<PreparedCall?> TryPrepareAsync(CatalogueEntry entry, JsonView arguments, CancellationToken ct)
    {
        try
        {
            return await entry.Upstream.PrepareAsync(entry.Tool, arguments, ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.NotPrepared(logger, failure, entry.Tool.QualifiedName);
            return null;
        }
    }

    private async Task<RpcReply> RefuseAsync(CallRecord record, Decision decision, RpcReply reply, CancellationToken ct)
    {
        // A refusal that cannot be recorded is still a refusal; the operator hears of it, the agent gets its answer.
        await records.TryCommitAsync(record.Decided(decision), ct);
        return reply;
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Error, "A call of {Tool} failed inside the gateway")]
        public static partial void CallFailed(ILogger logger, Exception bug, string tool);

        [LoggerMessage(4, LogLevel.Error, "A call of {Tool} could not be looked at and was refused")]
        public static partial void NotPrepared(ILogger logger, Exception failure, string tool);
    }
}
