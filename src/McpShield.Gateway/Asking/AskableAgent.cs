using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using McpShield.Gateway.Downstream;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;

namespace McpShield.Gateway.Asking;

/// <summary>An agent of the <c>initialize</c> era that can be asked something, for as long as its session lasts.</summary>
/// <remarks>THREAT: another session that answers in its place. Questions wait here, in the session's own object, under ids that cannot be guessed.</remarks>
internal sealed class AskableAgent : IDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(byte[] Json, bool IsError)>> waiting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource ended = new();

    private int isEnded;

    private AskableAgent(AgentAbilities abilities)
    {
        Abilities = abilities;
        Ended = ended.Token; // stays askable when its source is gone
    }

    /// <summary>What it said that it can be asked.</summary>
    public AgentAbilities Abilities { get; }

    /// <summary>Fires when its session is over.</summary>
    public CancellationToken Ended { get; }

    /// <summary>The agent, or <c>null</c> when it said that it can be asked nothing.</summary>
    public static AskableAgent? For(JsonView capabilities) => AgentAbilities.Read(capabilities) is { IsNone: false } abilities ? new(abilities) : null;

    /// <summary>Asks, and waits for the answer: its <c>result</c> or its <c>error</c>. An agent that no longer wants or may answer is told.</summary>
    public async Task<(byte[] Json, bool IsError)> AskAsync(IAgentStream stream, string method, ReadOnlyMemory<byte> parameters, CancellationToken ct)
    {
        var id = $"mcpshield-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16))}";
        var answer = new TaskCompletionSource<(byte[], bool)>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[id] = answer;
        try
        {
            await stream.SendAsync(Request(id, method, parameters.Span), ct);
            return await answer.Task.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            stream.Post(Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"{{{id}}}"}}"""));
            throw;
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Takes a response of the agent. One that answers nothing that waits is dropped.</summary>
    public void Take(RpcMessage response)
    {
        if (response.Id.AsString() is { } id && waiting.TryRemove(id, out var answer)) answer.TrySetResult((response.Params.Raw.ToArray(), response.IsError));
    }

    /// <summary>Its session is over.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isEnded, 1) != 0) return;
        ended.Cancel();
        ended.Dispose();
    }

    private static byte[] Request(string id, string method, ReadOnlySpan<byte> parameters)
    {
        var output = new ArrayBufferWriter<byte>(parameters.Length + 128);
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":"{{id}}","method":"{{method}}","params":""", output);
        output.Write(parameters);
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }
}
