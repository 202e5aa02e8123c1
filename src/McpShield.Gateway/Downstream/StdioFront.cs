using System.Collections.Concurrent;
using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Downstream;

/// <summary>An agent on standard input and output: one JSON-RPC message a line, both eras, requests answered side by side.</summary>
public sealed partial class StdioFront : IDisposable
{
    private const int MaxInFlight = 64;

    private readonly Agent agent;
    private readonly ILogger logger;
    private readonly Channel<ReadOnlyMemory<byte>> outgoing = Channel.CreateBounded<ReadOnlyMemory<byte>>(256);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> tasks = new();
    private readonly SemaphoreSlim slots = new(MaxInFlight, MaxInFlight);
    private readonly Stream output;
    private volatile Exchange agreed = Exchange.Unknown;

    /// <summary>Creates the front; nothing is read yet.</summary>
    public StdioFront(Agent agent, Stream output, ILoggerFactory loggers)
    {
        (this.agent, this.output) = (agent, output);
        logger = loggers.CreateLogger<StdioFront>();
    }

    /// <summary>Serves until the input ends or <paramref name="ct"/> fires.</summary>
    public async Task RunAsync(Stream input, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var writing = WriteAsync();
        using var changes = agent.Project.OnToolsChanged(() =>
        {
            if (McpRevisions.IsLegacy(agreed.Revision)) new Outbox(this).Post(Notifications.ToolsChanged);
        });

        try
        {
            await ReadAsync(PipeReader.Create(input), ending.Token);
        }
        finally
        {
            // The agent is gone: what still runs has nobody to answer to. Records are completed all the same.
            await ending.CancelAsync();
            await Task.WhenAll(tasks.Keys);
            agreed.Askable?.Dispose();
            outgoing.Writer.TryComplete();
            await writing;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => slots.Dispose();

    private async Task ReadAsync(PipeReader reader, CancellationToken ct)
    {
        var skipping = false;
        while (true)
        {
            ReadResult read;
            try
            {
                // A console's read cannot be cancelled; it is left behind, and ends with the process.
                read = await reader.ReadAsync(ct).AsTask().WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } feed)
            {
                var line = rest.Slice(0, feed);
                rest = rest.Slice(rest.GetPosition(1, feed));
                if (skipping) skipping = false;
                else await TakeAsync(line.ToArray(), ct);
            }

            if (rest.Length > JsonLimits.Message.MaxBytes)
            {
                // Too long to be a message: say so once, drop it as it comes, go on with the next line.
                if (!skipping) await RefuseAsync(default, RpcError.InvalidRequest($"a message is at most {JsonLimits.Message.MaxBytes} bytes"), ct);
                skipping = true;
                rest = rest.Slice(rest.End);
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (!read.IsCompleted) continue;
            if (!rest.IsEmpty && !skipping) await TakeAsync(rest.ToArray(), ct);
            return;
        }
    }

    private async Task TakeAsync(byte[] line, CancellationToken ct)
    {
        if (line.AsSpan().Trim(" \t\r"u8).IsEmpty) return;
        if (!JsonTree.TryRead(line, JsonLimits.Message, out var tree, out var fault))
        {
            await RefuseAsync(default, fault.Kind is JsonFaultKind.NotJson or JsonFaultKind.NotUtf8 ? RpcError.NotJson(fault.Message) : RpcError.InvalidRequest(fault.Message), ct);
            return;
        }

        if (!RpcMessage.TryParse(tree!.Root, out var message, out var error))
        {
            await RefuseAsync(tree.Root["id"u8].Kind is JsonKind.String or JsonKind.Number ? tree.Root["id"u8] : default, error!, ct);
            tree.Dispose();
            return;
        }

        await DispatchAsync(tree, message, ct);
    }

    private async Task DispatchAsync(JsonTree tree, RpcMessage message, CancellationToken ct)
    {
        var exchange = ExchangeOf(message, out var refusal);
        if (message.Kind is RpcKind.Response) agreed.Askable?.Take(message);
        if (message.Kind is RpcKind.Response || (message.Kind is RpcKind.Notification && Notice(message, exchange)))
        {
            tree.Dispose();
            return;
        }

        if (refusal is not null)
        {
            await RefuseAsync(message.Id, refusal, ct);
            tree.Dispose();
            return;
        }

        // The reader stops here when too much runs at once: the agent's own writes then wait, and nothing is lost.
        await slots.WaitAsync(ct);
        var task = AnswerAsync(tree, message, exchange, ct);
        tasks[task] = 0;
        _ = task.ContinueWith(done => tasks.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (McpMethods.Find(message, exchange.IsModern) is McpOperation.Initialize) await task; // what follows depends on it
    }

    // SPEC: 2026-07-28, versioning: a request that names a revision in its metadata is of the stateless era; else the handshake counts.
    private Exchange ExchangeOf(RpcMessage message, out RpcError? refusal)
    {
        refusal = null;
        var meta = message.Meta;
        if (meta["io.modelcontextprotocol/protocolVersion"u8].AsString() is not { } revision) return agreed;
        var exchange = new Exchange(McpRevisions.IsModern(revision) ? revision : null, AgentRequests.ClientName(meta["io.modelcontextprotocol/clientInfo"u8]));
        refusal = RequestMeta.Problem(meta);
        return exchange;
    }

    /// <summary>Takes a notification; always true, so that the caller is done with it.</summary>
    private bool Notice(RpcMessage message, Exchange exchange)
    {
        switch (McpMethods.Find(message, exchange.IsModern))
        {
            case McpOperation.Cancel when message.Params["requestId"u8] is { Exists: true } id && running.TryGetValue(Key(id), out var call):
                call.Cancel();
                break;

            case McpOperation.Refuse:
                Log.NotificationRefused(logger);
                break;
        }

        return true;
    }

    private async Task AnswerAsync(JsonTree tree, RpcMessage message, Exchange exchange, CancellationToken ct)
    {
        var key = Key(message.Id);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await Task.Yield(); // the reader goes on at once
            if (!running.TryAdd(key, call))
            {
                await RefuseAsync(message.Id, RpcError.InvalidRequest("a request with this id is still running"), ct);
                return;
            }

            try
            {
                using var reply = await ReplyAsync(message, exchange, call.Token);
                if (reply is not null && !call.IsCancellationRequested) await outgoing.Writer.WriteAsync(reply.Json.ToArray(), CancellationToken.None);
            }
            finally
            {
                running.TryRemove(key, out _);
            }
        }
        catch (OperationCanceledException)
        {
            // SPEC: a cancelled request gets no answer.
        }
        catch (Exception bug)
        {
            Log.RequestFailed(logger, bug);
            using var reply = RpcReply.Error(message.Id, RpcError.Internal("The gateway failed; the operator's log says how"));
            await outgoing.Writer.WriteAsync(reply.Json.ToArray(), CancellationToken.None);
        }
        finally
        {
            tree.Dispose();
            slots.Release();
        }
    }

    private async Task<RpcReply?> ReplyAsync(RpcMessage message, Exchange exchange, CancellationToken ct)
    {
        switch (McpMethods.Find(message, exchange.IsModern))
        {
            case McpOperation.Initialize:
                agreed.Askable?.Dispose(); // a second handshake begins anew
                (var opened, agreed) = AgentRequests.Initialize(agent, message);
                return opened;

            case McpOperation.Listen:
                await ListenAsync(message, ct);
                return null;

            default:
                return await AgentRequests.HandleAsync(agent, message, exchange, new Outbox(this), ct);
        }
    }

    private async Task ListenAsync(RpcMessage message, CancellationToken ct)
    {
        var (stream, changed) = (new Outbox(this), Notifications.ToolsChangedOn(message.Id));
        stream.Post(Notifications.Acknowledged(message.Id));
        using var listening = agent.Project.OnToolsChanged(() => stream.Post(changed));
        await Task.Delay(Timeout.InfiniteTimeSpan, agent.Project.Services.Clock, ct);
    }

    private async Task RefuseAsync(JsonView id, RpcError error, CancellationToken ct)
    {
        using var reply = RpcReply.Error(id, error);
        await agent.Project.Pipeline.RefuseMessageAsync(agent, agreed, method: null, error.Message, reply, ct);
        await outgoing.Writer.WriteAsync(reply.Json.ToArray(), ct);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync())
            {
                await output.WriteAsync(message);
                await output.WriteAsync("\n"u8.ToArray());
                if (outgoing.Reader.Count == 0) await output.FlushAsync();
            }
        }
        catch (IOException)
        {
            // Nobody reads any more; the input will end too. Drain, so that no answer waits for room.
            await foreach (var _ in outgoing.Reader.ReadAllAsync())
            {
            }
        }
    }

    private static string Key(JsonView id) => Encoding.UTF8.GetString(id.Raw);

    private sealed class Outbox(StdioFront front) : IAgentStream
    {
        public void Post(byte[] message) => front.outgoing.Writer.TryWrite(message);

        public ValueTask SendAsync(byte[] message, CancellationToken ct) => front.outgoing.Writer.WriteAsync(message, ct);
    }

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Debug, "A notification that the gateway does not pass was dropped")]
        public static partial void NotificationRefused(ILogger logger);

        [LoggerMessage(202, LogLevel.Error, "A request failed inside the gateway")]
        public static partial void RequestFailed(ILogger logger, Exception bug);
    }
}
