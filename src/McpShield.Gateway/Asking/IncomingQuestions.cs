using System.Collections.Concurrent;
using System.Text;
using McpShield.Gateway.Protocol;
using McpShield.Gateway.Upstream;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Asking;

/// <summary>What comes in over one connection to a server that is a request, and whose call it belongs to.</summary>
/// <param name="settings">What the connection shares with its like.</param>
/// <param name="reply">Sends the server a reply, and disposes it.</param>
internal sealed partial class IncomingQuestions(McpConnectionSettings settings, Func<RpcReply, Task> reply)
{
    private const int MaxRecorded = 64;

    private readonly ConcurrentDictionary<string, CancellationTokenSource> asking = new(StringComparer.Ordinal);
    private CallQuestions? current;
    private int strays;

    /// <summary>The call that questions belong to from now on; <c>null</c>: none, and then nobody is asked.</summary>
    public CallQuestions? Current { get => Volatile.Read(ref current); set => Volatile.Write(ref current, value); }

    /// <summary>The server takes a request back.</summary>
    public void TakeBack(JsonView id)
    {
        if (id.Exists && asking.TryGetValue(Text(id), out var question)) Cancel(question);
    }

    /// <summary>The server asks something. It is read anew, as strictly as what an agent sends, into memory that lives as long as the question.</summary>
    public void Take(JsonView root)
    {
        if (root["method"u8].StringEquals("ping"u8))
        {
            _ = reply(RpcReply.Result(root["id"u8], "{}"u8));
            return;
        }

        Log.ServerAsked(settings.Logger, settings.Server);
        if (!JsonTree.TryRead(root.Raw.ToArray(), JsonLimits.Message, out var tree, out _) || !RpcMessage.TryParse(tree!.Root, out var message, out _))
        {
            // Refused for its form, and on record like any other: without a method, since it has none that could be trusted.
            tree?.Dispose();
            if (!JsonTree.TryRead(root["id"u8].Raw.ToArray(), JsonLimits.Message, out tree, out _)) return;
            message = new(RpcKind.Request, tree!.Root.Kind is JsonKind.String or JsonKind.Number && tree.Root.Raw.Length <= 256 ? tree.Root : default, "", default);
        }

        var call = Current;
        if ((call?.CountIncoming() ?? Interlocked.Increment(ref strays)) > MaxRecorded)
        {
            // THREAT: a server that asks without end fills the log. It has shown what it does; the rest is refused unrecorded.
            _ = reply(RpcReply.Error(message.Id, RpcError.MethodNotFound));
            tree.Dispose();
            return;
        }

        _ = AnswerAsync(tree, new(settings.Server, settings.Transport, message, call));
    }

    private async Task AnswerAsync(JsonTree tree, ServerQuestion question)
    {
        var key = Text(question.Message.Id);
        using var taken = new CancellationTokenSource();
        try
        {
            if (!asking.TryAdd(key, taken))
            {
                await reply(RpcReply.Error(question.Message.Id, RpcError.InvalidRequest("a request with this id is still running")));
                return;
            }

            var answer = question.Call is { } call ? await call.RunAsync(() => settings.Ask(question, taken.Token)) : await settings.Ask(question, taken.Token);
            asking.TryRemove(key, out _);
            await reply(answer);
        }
        catch (Exception bug)
        {
            asking.TryRemove(key, out _);
            Log.QuestionFailed(settings.Logger, bug, settings.Server);
            await reply(RpcReply.Error(question.Message.Id, RpcError.Internal("The gateway failed")));
        }
        finally
        {
            tree.Dispose();
        }
    }

    private static void Cancel(CancellationTokenSource question)
    {
        try
        {
            question.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was answered in the same moment.
        }
    }

    private static string Text(JsonView id) => Encoding.UTF8.GetString(id.Raw);

    private static partial class Log
    {
        [LoggerMessage(113, LogLevel.Debug, "Server {Server} asks something of the agent")]
        public static partial void ServerAsked(ILogger logger, string server);

        [LoggerMessage(115, LogLevel.Error, "What server {Server} asked failed inside the gateway")]
        public static partial void QuestionFailed(ILogger logger, Exception bug, string server);
    }
}
