using System.Collections.Concurrent;
using System.Collections.Immutable;
using McpShield.Audit;
using McpShield.Gateway.Asking;
using McpShield.Gateway.Protocol;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>What every connection to one server shares.</summary>
/// <param name="Server">The server id.</param>
/// <param name="Transport">How it is reached: <c>http</c> or <c>stdio</c>.</param>
/// <param name="Connect">Opens a transport; what it is given gets every message that answers no request of ours, and may get answers first.</param>
/// <param name="Ask">Carries out what the server asks of an agent.</param>
/// <param name="Services">Limits, time and version.</param>
/// <param name="Logger">Where operators read.</param>
internal sealed record McpConnectionSettings(
    string Server,
    string Transport,
    Func<Action<JsonTree>, IUpstreamTransport> Connect,
    Func<ServerQuestion, CancellationToken, Task<RpcReply>> Ask,
    GatewayServices Services,
    ILogger Logger);

/// <summary>A connection to an MCP server of the <c>initialize</c> era. Connects when first needed and again after it was lost, not faster than the limits say.</summary>
/// <remarks>
/// INVARIANT: a connection on which an agent can be asked belongs to one session of that agent, and carries one call at a time: so whatever
/// the server asks belongs to that call, and never reaches another agent.
/// </remarks>
/// <param name="settings">What it shares with its like.</param>
/// <param name="abilities">What the server is told that it may ask for.</param>
/// <param name="isShared">Whether agents share it; then nobody is asked anything.</param>
internal sealed partial class McpConnection(McpConnectionSettings settings, AgentAbilities abilities, bool isShared) : IAsyncDisposable
{
    private readonly UpstreamLimits limits = settings.Services.Limits;
    private readonly TimeProvider clock = settings.Services.Clock;
    private readonly ILogger logger = settings.Logger;
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock holding = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SemaphoreSlim connecting = new(1, 1);
    private readonly ConcurrentDictionary<long, IProgress<UpstreamProgress>> progressing = new();
    private IUpstreamTransport? transport;
    private UpstreamException? lastFailure;
    private long lastAttempt;
    private long lastId;
    private bool disposed;
    private int users;
    private bool retired;
    private Task? ending;
    private long currentId;
    private IncomingQuestions? questionsOfServer;

    public AgentAbilities Abilities => abilities;

    public long LastUsed { get; private set; }

    /// <summary>Completes when it is disposed.</summary>
    public Task Ended => gone.Task;

    public bool IsBusy => Volatile.Read(ref users) > 0;

    private string Name => settings.Server;

    private IncomingQuestions Questions => LazyInitializer.EnsureInitialized(ref questionsOfServer, () => new(settings, ReplyAsync));

    public Action? ToolsChanged { get; set; }

    /// <summary>Takes hold of it; false when it is being given up, and another must be taken. Whoever holds it gives it back.</summary>
    public bool TryEnter()
    {
        lock (holding)
        {
            if (retired) return false;
            users++;
            LastUsed = clock.GetTimestamp();
            return true;
        }
    }

    public void Leave()
    {
        lock (holding)
        {
            if (--users > 0 || !retired) return;
        }

        _ = DisposeAsync().AsTask();
    }

    /// <summary>Ends it when nobody holds it any more.</summary>
    public void Retire()
    {
        lock (holding)
        {
            if (retired) return;
            retired = true;
            if (users > 0) return;
        }

        _ = DisposeAsync().AsTask();
    }

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

    public async Task<UpstreamAnswer> CallAsync(PreparedCall call, IProgress<UpstreamProgress>? progress, CallQuestions? questions, CancellationToken ct)
    {
        if (isShared) return await CallAsync(call, progress, ct);
        await TakeTurnAsync(ct);
        try
        {
            Questions.Current = questions;
            return await CallAsync(call, progress, ct);
        }
        finally
        {
            Questions.Current = null;
            turn.Release();
        }
    }

    private async Task TakeTurnAsync(CancellationToken ct)
    {
        try
        {
            if (await turn.WaitAsync(limits.CallTimeout, ct)) return;
        }
        catch (OperationCanceledException)
        {
            throw new UpstreamException(CallStatus.Cancelled, "the call was cancelled");
        }

        throw new UpstreamException(CallStatus.TimedOut, $"server `{Name}` is still busy with another call of this session");
    }

    private async Task<UpstreamAnswer> CallAsync(PreparedCall call, IProgress<UpstreamProgress>? progress, CancellationToken ct)
    {
        var server = await ConnectedAsync(ct);
        var id = Interlocked.Increment(ref lastId);
        Volatile.Write(ref currentId, id);
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

    public ValueTask DisposeAsync()
    {
        lock (holding) return new(ending ??= EndAsync());
    }

    private async Task EndAsync()
    {
        await connecting.WaitAsync();
        disposed = true;
        connecting.Release();
        if (transport is not null) await transport.DisposeAsync();
        gone.TrySetResult();
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
            var fresh = settings.Connect(Receive);
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
        UpstreamMessages.Initialize(message, id, settings.Services.Version, abilities);
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
        if (!root["method"u8].Exists)
        {
            // THREAT: an answer, and right behind it a question. With its answer the call is over, whoever has yet to hear of it.
            if (RpcIds.TryRead(root["id"u8], out var answered) && answered == Volatile.Read(ref currentId)) Questions.Current = null;
            return;
        }

        if (root["id"u8].Exists)
        {
            Questions.Take(root);
            return;
        }

        switch (root["method"u8].AsString())
        {
            case "notifications/progress":
                if (RpcIds.TryRead(root["params"u8]["progressToken"u8], out var id) && progressing.TryGetValue(id, out var progress))
                {
                    progress.Report(new(tree));
                }

                break;

            case "notifications/cancelled":
                Questions.TakeBack(root["params"u8]["requestId"u8]);
                break;

            case "notifications/tools/list_changed":
                ToolsChanged?.Invoke();
                break;
        }
    }

    private async Task ReplyAsync(RpcReply reply)
    {
        using (reply)
        {
            try
            {
                if (Volatile.Read(ref transport) is { } server) await server.SendAsync(reply.Json, CancellationToken.None);
            }
            catch (Exception failure) when (failure is UpstreamException or ObjectDisposedException)
            {
                Log.CancelNotTold(logger, Name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Information, "Server {Server} is connected")]
        public static partial void Connected(ILogger logger, string server);

        [LoggerMessage(112, LogLevel.Warning, "Server {Server} listed a tool that is not a valid definition, or twice; it is left out")]
        public static partial void ToolLeftOut(ILogger logger, string server);

        [LoggerMessage(114, LogLevel.Debug, "Server {Server} could not be told something; it is gone")]
        public static partial void CancelNotTold(ILogger logger, string server);
    }
}
