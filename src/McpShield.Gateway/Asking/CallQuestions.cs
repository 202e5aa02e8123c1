using System.Collections.Concurrent;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Enforcement;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Evaluation;

namespace McpShield.Gateway.Asking;

/// <summary>What a server may ask during one call: of whom, how often, and until when.</summary>
internal sealed class CallQuestions : IAsyncDisposable
{
    private readonly CancellationTokenSource over = new();
    private readonly ConcurrentDictionary<Task, byte> running = new();
    private int asked;
    private int incoming;

    private CallQuestions(AgentCall call, AskableAgent agent, AgentAbilities offered)
    {
        (Call, Agent, Offered) = (call, agent, offered);
        Over = over.Token; // stays askable when its source is gone
    }

    /// <summary>The call; its agent is the one who is asked, and nobody else.</summary>
    public AgentCall Call { get; }

    /// <summary>The way to it.</summary>
    public AskableAgent Agent { get; }

    /// <summary>What the server is told that it may ask for: what the policy allows and the agent can.</summary>
    public AgentAbilities Offered { get; }

    /// <summary>The qualified tool that is called.</summary>
    public required string Tool { get; init; }

    /// <summary>The call's id on record.</summary>
    public required Guid CallId { get; init; }

    /// <summary>What the call's decision asks for; what a server says in a question is held to it like an answer.</summary>
    public required AnswerDuties Duties { get; init; }

    /// <summary>What gathers labels.</summary>
    public required Conversation Conversation { get; init; }

    /// <summary>The stream that belongs to the call.</summary>
    public IAgentStream Stream => Call.Stream!;

    /// <summary>Fires when the call is over: then nobody waits for what it asked.</summary>
    public CancellationToken Over { get; }

    /// <summary>The questions of a call, or <c>null</c> when its agent cannot be asked or the policy lets nobody ask.</summary>
    public static CallQuestions? For(AgentCall call, CompiledPolicy policy, string tool, Guid callId, AnswerDuties duties, Conversation conversation)
    {
        if (call.Stream is null || call.Exchange.Askable is not { } agent) return null;
        var offered = agent.Abilities.Within(policy.ServerRequests);
        return offered.IsNone ? null : new(call, agent, offered) { Tool = tool, CallId = callId, Duties = duties, Conversation = conversation };
    }

    /// <summary>Counts one more request of the server, whatever it asks; how many there have been.</summary>
    public int CountIncoming() => Interlocked.Increment(ref incoming);

    /// <summary>Counts one more question that may be asked; how many there have been.</summary>
    public int Count() => Interlocked.Increment(ref asked);

    /// <summary>Carries out <paramref name="handle"/> as a part of the call: the call ends after it.</summary>
    public async Task<RpcReply> RunAsync(Func<Task<RpcReply>> handle)
    {
        var done = new TaskCompletionSource();
        running[done.Task] = 0;
        try
        {
            return await handle();
        }
        finally
        {
            done.SetResult();
            running.TryRemove(done.Task, out _);
        }
    }

    /// <summary>Ends what is still being asked, and returns when each question has its outcome on record.</summary>
    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await Task.WhenAll(running.Keys);
        over.Dispose();
    }
}
