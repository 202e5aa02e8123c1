using System.Collections.Concurrent;
using System.Collections.Immutable;
using McpShield.Audit;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>An MCP server of the <c>initialize</c> era. Connects when first needed and again after it was lost, not faster than the limits say.</summary>
internal sealed partial class McpServerUpstream(
    UpstreamSpec spec,
    Func<Action<JsonTree>, IUpstreamTransport> connect,
    UpstreamLimits limits,
    string gatewayVersion,
    TimeProvider clock,
    ILogger logger) : IUpstream
{
    private readonly SemaphoreSlim connecting = new(1, 1);
    private readonly ConcurrentDictionary<long, IProgress<UpstreamProgress>> progressing = new();
    private IUpstreamTransport? transport;
    private UpstreamException? lastFailure;
    private long lastAttempt;
    private long lastId;
    private bool disposed;

    public string Name => spec.Name;

    public Action? ToolsChanged { get; set; }

    public ValueTask<PreparedCall> PrepareAsync(ToolDefinition tool, JsonView arguments, CancellationToken ct) => new(new PreparedCall(tool, arguments));

    public async Task<ImmutableArray<ToolDefinition>> ListToolsAsync(CancellationToken ct)
    {
        var server = await ConnectedAsync(ct);
        var tools = ImmutableArray.CreateBuilder<ToolDefinition>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var id = Interlocked.Increment(ref lastId);
            using var message = new PooledBuffer();
            UpstreamMessages.ListTools(message, id, cursor);
            using var answer = await AskAsync(server, id, message.Written, limits.StartTimeout, ct);
            foreach (var entry in answer.Result["tools"u8].Items)
            {
                // A second tool of the same name could be either; the first one stands, as its definition did.
                if (ToolDefinition.Read(Name, entry) is { } tool && seen.Add(tool.Name)) tools.Add(tool);
                else Log.ToolLeftOut(logger, Name);
            }

            var next = answer.Result["nextCursor"u8].AsString();
            if (next is not null && next == cursor) throw new UpstreamException(CallStatus.Refused, $"server `{Name}` repeats a page of its tools");
            cursor = next;
            if (tools.Count > limits.MaxTools) throw new UpstreamException(CallStatus.Refused, $"server `{Name}` offers more than {limits.MaxTools} tools");
        }
        while (cursor is not null);

        return tools.DrainToImmutable();
    }

    public async Task<UpstreamAnswer> CallAsync(PreparedCall call, IProgress<UpstreamProgress>? progress, CancellationToken ct)
    {
        var server = await ConnectedAsync(ct);
        var id = Interlocked.Increment(ref lastId);
        using var message = new PooledBuffer();
        UpstreamMessages.CallTool(message, id, call.Tool.Name, call.Arguments, progress is not null);
        if (progress is not null) progressing[id] = progress;
        try
        {
            return await AskAsync(server, id, message.Written, limits.CallTimeout, ct);
        }
        finally
        {
            progressing.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await connecting.WaitAsync();
        disposed = true;
        connecting.Release();
        if (transport is not null) await transport.DisposeAsync();
    }

    private async Task<IUpstreamTransport> ConnectedAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref transport) is { IsAlive: true } alive) return alive;

        await connecting.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (transport is { IsAlive: true } connected) return connected;
            if (lastFailure is not null && clock.GetElapsedTime(lastAttempt) < limits.RestartDelay)
            {
                throw new UpstreamException(lastFailure.Status, lastFailure.Message, lastFailure);
            }

            if (transport is not null) await transport.DisposeAsync();
            transport = null;
            lastAttempt = clock.GetTimestamp();
            var fresh = connect(Receive);
            try
            {
                await ShakeHandsAsync(fresh, ct);
            }
            catch
            {
                await fresh.DisposeAsync();
                throw;
            }

            lastFailure = null;
            Log.Connected(logger, Name);
            Volatile.Write(ref transport, fresh);
            return fresh;
        }
        catch (UpstreamException failure)
        {
            lastFailure = failure;
            throw;
        }
        finally
        {
            connecting.Release();
        }
    }

    private async Task ShakeHandsAsync(IUpstreamTransport server, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref lastId);
        using var message = new PooledBuffer();
        UpstreamMessages.Initialize(message, id, gatewayVersion);
        using var answer = await AskAsync(server, id, message.Written, limits.StartTimeout, ct);
        if (answer.Error.Exists) throw new UpstreamException(CallStatus.ProtocolError, $"server `{Name}` refused the handshake");

        var revision = answer.Result["protocolVersion"u8].AsString();
        if (!McpRevisions.IsLegacy(revision)) throw new UpstreamException(CallStatus.ProtocolError, $"server `{Name}` speaks a protocol revision that the gateway does not");
        server.Agreed(revision!);
        await server.SendAsync(UpstreamMessages.Initialized, ct);
    }

    private async Task<UpstreamAnswer> AskAsync(IUpstreamTransport server, long id, ReadOnlyMemory<byte> message, TimeSpan timeout, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        JsonTree tree;
        try
        {
            tree = await server.RequestAsync(id, message, either.Token);
        }
        catch (OperationCanceledException)
        {
            var byAgent = ct.IsCancellationRequested;
            await TellCancelledAsync(server, id, byAgent ? "the client cancelled the call" : "the call took too long");
            throw byAgent
                ? new UpstreamException(CallStatus.Cancelled, "the call was cancelled")
                : new UpstreamException(CallStatus.TimedOut, $"server `{Name}` did not answer within {timeout.TotalSeconds:0} seconds");
        }

        var (result, error) = (tree.Root["result"u8], tree.Root["error"u8]);
        if (result.Kind is JsonKind.Object || error.Kind is JsonKind.Object) return new UpstreamAnswer(tree, result, error);
        tree.Dispose();
        throw new UpstreamException(CallStatus.Refused, $"server `{Name}` sent an answer without a result");
    }

    // Best effort and bounded: the call has ended for the agent already.
    private async Task TellCancelledAsync(IUpstreamTransport server, long id, string reason)
    {
        using var patience = new CancellationTokenSource(limits.StopTimeout, clock);
        try
        {
            await server.SendAsync(UpstreamMessages.Cancelled(id, reason), patience.Token);
        }
        catch (Exception failure) when (failure is UpstreamException or OperationCanceledException or ObjectDisposedException)
        {
            Log.CancelNotTold(logger, Name);
        }
    }

    /// <summary>A message that the server sent on its own account.</summary>
    private void Receive(JsonTree tree)
    {
        var root = tree.Root;
        var method = root["method"u8].AsString();
        if (root["id"u8].Exists)
        {
            _ = AnswerAsync(method, root["id"u8]);
            return;
        }

        switch (method)
        {
            case "notifications/progress":
                if (RpcIds.TryRead(root["params"u8]["progressToken"u8], out var id) && progressing.TryGetValue(id, out var progress))
                {
                    progress.Report(new(tree));
                }

                break;

            case "notifications/tools/list_changed":
                ToolsChanged?.Invoke();
                break;
        }
    }

    // THREAT: a server that asks the agent for text, files or a person's input can steer it. Nothing was offered in the
    // handshake, so every such request is refused here and never seen by the agent.
    private Task AnswerAsync(string? method, JsonView id)
    {
        var reply = method == "ping" ? RpcReply.Result(id, "{}"u8) : RpcReply.Error(id, RpcError.MethodNotFound);
        if (method != "ping") Log.ServerAsked(logger, Name, method ?? "nothing");
        return SendReplyAsync(reply);

        async Task SendReplyAsync(RpcReply written)
        {
            using (written)
            {
                try
                {
                    if (Volatile.Read(ref transport) is { } server) await server.SendAsync(written.Json, CancellationToken.None);
                }
                catch (Exception failure) when (failure is UpstreamException or ObjectDisposedException)
                {
                    Log.CancelNotTold(logger, Name);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Information, "Server {Server} is connected")]
        public static partial void Connected(ILogger logger, string server);

        [LoggerMessage(112, LogLevel.Warning, "Server {Server} listed a tool that is not a valid definition, or twice; it is left out")]
        public static partial void ToolLeftOut(ILogger logger, string server);

        [LoggerMessage(113, LogLevel.Warning, "Server {Server} asked the agent for {Method}; refused")]
        public static partial void ServerAsked(ILogger logger, string server, string method);

        [LoggerMessage(114, LogLevel.Debug, "Server {Server} could not be told something; it is gone")]
        public static partial void CancelNotTold(ILogger logger, string server);
    }
}
