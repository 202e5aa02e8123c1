using System.Buffers;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipelines;
using McpShield.Audit;
using McpShield.Policy.Json;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>One child process, one JSON-RPC message a line. Many calls share it; ids tell their answers apart.</summary>
internal sealed partial class StdioTransport : IUpstreamTransport
{
    private readonly Process process;
    private readonly UpstreamLimits limits;
    private readonly ILogger logger;
    private readonly string server;
    private readonly Action<JsonTree> onMessage;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonTree>> pending = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task reading;
    private readonly Task talking;
    private volatile UpstreamException? broken;

    private StdioTransport(Process process, StdioServerSpec spec, UpstreamLimits limits, Action<JsonTree> onMessage, ILogger logger)
    {
        (this.process, server, this.limits, this.onMessage, this.logger) = (process, spec.Name, limits, onMessage, logger);
        reading = Task.Run(ReadAsync);
        talking = Task.Run(RelayStandardErrorAsync);
    }

    public bool IsAlive => broken is null;

    /// <summary>Starts the process. <paramref name="onMessage"/> gets every message as it comes, an answer before whoever waits for it, and disposes nothing.</summary>
    public static StdioTransport Start(StdioServerSpec spec, UpstreamLimits limits, Action<JsonTree> onMessage, ILogger logger)
    {
        // An argument list, never a shell line: nothing of it is interpreted.
        var start = new ProcessStartInfo(spec.Command, spec.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = spec.WorkingDirectory ?? "",
        };
        ChildEnvironment.Fill(start.Environment, spec.Environment);

        try
        {
            var process = Process.Start(start) ?? throw new UpstreamException(CallStatus.Unreachable, $"`{spec.Command}` did not start");
            return new(process, spec, limits, onMessage, logger);
        }
        catch (Win32Exception failure)
        {
            throw new UpstreamException(CallStatus.Unreachable, $"cannot start `{spec.Command}`: {Why(failure, spec)}", failure);
        }
    }

    private static string Why(Win32Exception failure, StdioServerSpec spec) => failure.NativeErrorCode switch
    {
        2 when spec.WorkingDirectory is { } directory && !Directory.Exists(directory) => $"there is no directory `{directory}`",
        2 => "there is no such program; give its full path, or install it into PATH",
        13 => "it may not be executed",
        _ => failure.Message,
    };

    public void Agreed(string protocolVersion)
    {
        // The revision does not change the framing.
    }

    public async Task<JsonTree> RequestAsync(long id, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<JsonTree>(TaskCreationOptions.RunContinuationsAsynchronously);
        pending[id] = answer;
        try
        {
            if (broken is { } reason) throw new UpstreamException(reason.Status, reason.Message, reason);
            await SendAsync(message, ct);
            return await answer.Task.WaitAsync(ct);
        }
        finally
        {
            // A late answer finds nobody waiting; its tree goes back to the pool in Deliver.
            if (!pending.TryRemove(id, out _) && answer.Task.IsCompletedSuccessfully && ct.IsCancellationRequested)
            {
                (await answer.Task).Dispose();
            }
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        // INVARIANT: a message is compact JSON, so it holds no line feed and the next line is the next message.
        await writing.WaitAsync(ct);
        try
        {
            var input = process.StandardInput.BaseStream;
            await input.WriteAsync(message, CancellationToken.None); // half a line would garble the next call
            await input.WriteAsync("\n"u8.ToArray(), CancellationToken.None);
            await input.FlushAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            throw new UpstreamException(CallStatus.Unreachable, $"server `{server}` no longer reads", failure);
        }
        finally
        {
            writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break(new(CallStatus.Unreachable, $"server `{server}` was stopped"));
        try
        {
            // SPEC: 2025-11-25 lifecycle, "Shutdown": close its input, wait, then end it.
            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(limits.StopTimeout);
            await process.WaitForExitAsync(patience.Token);
        }
        catch (Exception stillThere) when (stillThere is OperationCanceledException or IOException or InvalidOperationException)
        {
            Log.Killing(logger, server);
        }

        Kill();
        await stopping.CancelAsync();
        await Task.WhenAll(reading, talking);
        process.Dispose();
        writing.Dispose();
        stopping.Dispose();
    }

    private async Task ReadAsync()
    {
        var pipe = PipeReader.Create(process.StandardOutput.BaseStream);
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(stopping.Token);
                var rest = read.Buffer;
                while (TryReadLine(ref rest, out var line)) Take(line);

                if (rest.Length > limits.Message.MaxBytes)
                {
                    Break(new(CallStatus.Refused, $"server `{server}` sent more than {limits.Message.MaxBytes} bytes in one message"));
                    Kill();
                    return;
                }

                pipe.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted) break;
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Falls through: whatever ended the stream, nobody will answer any more.
        }

        Break(new(CallStatus.Unreachable, $"server `{server}` ended"));
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (rest.PositionOf((byte)'\n') is not { } feed) return false;
        line = rest.Slice(0, feed);
        rest = rest.Slice(rest.GetPosition(1, feed));
        return true;
    }

    private void Take(ReadOnlySequence<byte> line)
    {
        var text = line.ToArray();
        if (text.AsSpan().Trim(" \t\r"u8).IsEmpty) return;
        if (!JsonTree.TryRead(text, limits.Message, out var tree, out var fault))
        {
            // Servers print banners to standard output. One line that is no message is skipped, and said.
            Log.NotAMessage(logger, server, fault.Message);
            if (RpcIds.TryFindInRefused(text, out var id) && pending.TryRemove(id, out var waiting))
            {
                waiting.TrySetException(new UpstreamException(CallStatus.Refused, $"server `{server}` sent an answer that is refused: {fault.Message}"));
            }

            return;
        }

        Deliver(tree!);
    }

    private void Deliver(JsonTree tree)
    {
        var root = tree.Root;
        onMessage(tree);
        if (root["method"u8].Exists)
        {
            tree.Dispose();
            return;
        }

        if (RpcIds.TryRead(root["id"u8], out var id) && pending.TryRemove(id, out var waiting) && waiting.TrySetResult(tree)) return;
        tree.Dispose();
    }

    private async Task RelayStandardErrorAsync()
    {
        try
        {
            while (await process.StandardError.ReadLineAsync(stopping.Token) is { } line) Log.ServerSays(logger, server, line);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The process is gone, and with it what it had to say.
        }
    }

    private void Break(UpstreamException reason)
    {
        broken ??= reason;
        foreach (var id in pending.Keys)
        {
            if (pending.TryRemove(id, out var waiting)) waiting.TrySetException(new UpstreamException(reason.Status, reason.Message, reason));
        }
    }

    private void Kill()
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            // It left between the question and the act.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(101, LogLevel.Warning, "Server {Server} printed a line that is not a message: {Why}")]
        public static partial void NotAMessage(ILogger logger, string server, string why);

        [LoggerMessage(102, LogLevel.Debug, "[{Server}] {Line}")]
        public static partial void ServerSays(ILogger logger, string server, string line);

        [LoggerMessage(103, LogLevel.Debug, "Server {Server} did not leave in time and is ended")]
        public static partial void Killing(ILogger logger, string server);
    }
}
