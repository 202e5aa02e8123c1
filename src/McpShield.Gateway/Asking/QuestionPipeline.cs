using System.Buffers;
using McpShield.Audit;
using McpShield.Gateway.Enforcement;
using McpShield.Gateway.Protocol;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Asking;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Asking;

/// <summary>What happens to one request that a server sends.</summary>
/// <remarks>
/// 1 decide  2 commit the decision  3 ask the agent whose call it is  4 hold the answer against the question  5 complete the record.
/// Steps 1 and 2 can only end it: the server is refused and no agent sees anything.
/// </remarks>
internal sealed class QuestionPipeline(GatewayProject project, RecordKeeper records)
{
    private static readonly JsonLimits AnswerLimits = JsonLimits.Arguments;
    private readonly TimeProvider clock = project.Services.Clock;
    private readonly UpstreamLimits limits = project.Services.Limits;

    /// <summary>The reply that the server gets. <paramref name="ct"/> fires when the server takes its request back.</summary>
    public async Task<RpcReply> HandleAsync(ServerQuestion question, CancellationToken ct)
    {
        var (message, call, policy) = (question.Message, question.Call, project.Policy);
        var record = new CallRecord(call?.Call.Agent ?? Nobody(question), call?.Call.Exchange ?? Exchange.Unknown, message.Method.Length > 0 ? message.Method : null, policy.Hash, clock)
        {
            Tool = call?.Tool,
            Arguments = message.Params.Raw.Length <= limits.MaxQuestionBytes ? message.Params : default,
        };

        // 1 decide
        var decision = Decide(policy, question);
        using var shown = decision.Outcome is Outcome.Allow ? Filtered(policy, message, call!.Duties, ref decision) : null;

        // 2 commit. INVARIANT: nobody is asked anything that is not on record.
        decision = decision with { Message = $"server {question.Server} asked{(call is null ? "" : $" during call {call.CallId}")}: {decision.Message}" };
        var isRecorded = await records.TryCommitAsync(record.Decided(decision), CancellationToken.None);
        if (decision.Outcome is not Outcome.Allow) return Refusal(policy, question, decision, record.CallId);
        if (!isRecorded) return RpcReply.Error(message.Id, RpcError.Internal("The request could not be put on record"));

        // 3 ask. What a server says in a question is a part of its answer: the session has its labels before the agent sees it.
        var started = clock.GetTimestamp();
        if (!await call!.Conversation.TryAddAsync(call.Duties.Labels)) return await EndAsync(CallStatus.Refused, "what the session gathers could not be kept", AgentRefused(message.Id));
        using var patience = new CancellationTokenSource(limits.QuestionTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token, call.Over, call.Agent.Ended);
        try
        {
            var parameters = Written(shown?.Root ?? message.Params);
            var (json, isError) = await call.Agent.AskAsync(call.Stream, message.Method, parameters, either.Token);

            // 4 hold the answer against the question
            if (isError) return await EndAsync(CallStatus.ProtocolError, "the agent answered with an error", AgentRefused(message.Id));
            var result = Accepted(question, shown?.Root ?? message.Params, json, out var problem);
            if (result is null) return await EndAsync(CallStatus.Refused, problem, RpcReply.Error(message.Id, RpcError.Internal("The client's answer is not valid")));

            // 5 complete
            return await EndAsync(CallStatus.Succeeded, null, RpcReply.Result(message.Id, result), result.Length);
        }
        catch (OperationCanceledException)
        {
            return patience.IsCancellationRequested
                ? await EndAsync(CallStatus.TimedOut, $"the agent did not answer within {limits.QuestionTimeout.TotalSeconds:0} seconds", AgentRefused(message.Id))
                : await EndAsync(CallStatus.Cancelled, "the call, or the request, was over before the agent answered", AgentRefused(message.Id));
        }

        async Task<RpcReply> EndAsync(CallStatus status, string? error, RpcReply reply, long bytes = 0)
        {
            await records.CompleteAsync(record.Ended(status, clock.GetElapsedTime(started), bytes, error));
            return reply;
        }
    }

    private Decision Decide(CompiledPolicy policy, ServerQuestion question)
    {
        var (message, call) = (question.Message, question.Call);
        if (message.Params.Raw.Length > limits.MaxQuestionBytes) return Decisions.ServerRequestDenied($"it is larger than {limits.MaxQuestionBytes} bytes");
        var decision = ServerRequestAuthorizer.Decide(policy, message.Method, message.Params);
        if (decision.Outcome is not Outcome.Allow) return decision;

        // THREAT: on a connection that agents share, nothing says whose call a request belongs to. Without a call, nobody is asked.
        if (call is null || call.Over.IsCancellationRequested) return Decisions.ServerRequestDenied("no call is under way whose agent could be asked");
        if (!call.Offered.Has(ServerRequestKinds.Of(message.Method), message.Params)) return Decisions.ServerRequestDenied("the agent did not say that it can be asked for this");
        return call.Count() > limits.MaxQuestions ? Decisions.ServerRequestDenied($"the call has asked {limits.MaxQuestions} times already") : decision;
    }

    // What the rule of the call keeps out of answers, it keeps out of questions: else a server would say it in a question.
    private static JsonTree? Filtered(CompiledPolicy policy, RpcMessage message, AnswerDuties duties, ref Decision decision)
    {
        var parameters = message.Params;
        if (parameters.Raw.Length > duties.MaxBytes) decision = Decisions.ServerRequestDenied($"it is larger than the {duties.MaxBytes} bytes that the rule lets pass");
        if (duties.Redactor is null || !parameters.Exists) return null;
        var redaction = duties.Redactor.Redact(parameters);
        if (!redaction.IsBlocked && !redaction.IsChanged) return null;
        if (!redaction.IsBlocked && JsonTree.TryRead(redaction.Rewritten, AnswerLimits, out var tree, out _))
        {
            // What was filtered is another question.
            decision = ServerRequestAuthorizer.Decide(policy, message.Method, tree!.Root);
            return tree;
        }

        decision = Decisions.ServerRequestDenied("it holds what the filters of the rule keep back");
        return null;
    }

    // What goes to the server is held to the filters of arguments, and what is left of it to the question.
    private static byte[]? Accepted(ServerQuestion question, JsonView asked, byte[] json, out string problem)
    {
        problem = "the answer is not acceptable JSON";
        if (!JsonTree.TryRead(json, AnswerLimits, out var tree, out _)) return null;
        using (tree)
        {
            var kind = ServerRequestKinds.Of(question.Message.Method);
            var result = AgentAnswer.Read(kind, asked, tree!.Root, out problem);
            if (result is null || question.Call!.Duties.ForServer is not { } redactor) return result;

            problem = "the answer holds what the filters of the rule keep from the server";
            if (!JsonTree.TryRead(result, AnswerLimits, out var written, out _)) return null;
            using (written)
            {
                var redaction = redactor.Redact(written!.Root);
                if (redaction.IsBlocked) return null;
                if (!redaction.IsChanged) return result;
                if (!JsonTree.TryRead(redaction.Rewritten, AnswerLimits, out var filtered, out _)) return null;
                using (filtered) return AgentAnswer.Read(kind, asked, filtered!.Root, out problem);
            }
        }
    }

    // The server's own metadata stays here, as the agent's does.
    private static byte[] Written(JsonView parameters)
    {
        using var output = new PooledBuffer();
        output.Write("{"u8);
        foreach (var (name, value) in parameters.Members)
        {
            if (name.StringEquals("_meta"u8)) continue;
            if (output.Written.Length > 1) output.Write(","u8);
            output.Write(name.Raw);
            output.Write(":"u8);
            value.WriteTo(output);
        }

        output.Write("}"u8);
        return output.Written.ToArray();
    }

    // SPEC: JSON-RPC: what is not offered does not exist; what is offered and asked wrongly has wrong parameters.
    private static RpcReply Refusal(CompiledPolicy policy, ServerQuestion question, Decision decision, Guid id) =>
        question.Call is { } call && policy.ServerRequests.Allow(ServerRequestKinds.Of(question.Message.Method)) && call.Offered.Has(ServerRequestKinds.Of(question.Message.Method), question.Message.Params)
            ? RpcReply.Error(question.Message.Id, RpcError.InvalidParams($"{decision.Message} (reason {WireNames.Of(decision.Reason)}, decision {id})"))
            : RpcReply.Error(question.Message.Id, RpcError.MethodNotFound);

    private static RpcReply AgentRefused(JsonView id) => RpcReply.Error(id, new(-1, "The client did not answer"));

    private Agent Nobody(ServerQuestion question) => new(Principal.Nobody, project, question.Transport, null);
}
