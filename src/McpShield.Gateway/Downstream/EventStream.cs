using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace McpShield.Gateway.Downstream;

/// <summary>Messages on their way to one HTTP response as server-sent events; the response begins with the first of them.</summary>
internal sealed class EventStream(HttpResponse response, TimeProvider clock) : IAgentStream
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private readonly Channel<byte[]> messages = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(64) { SingleReader = true });

    /// <inheritdoc/>
    public void Post(byte[] message) => messages.Writer.TryWrite(message);

    /// <inheritdoc/>
    public ValueTask SendAsync(byte[] message, CancellationToken ct) => messages.Writer.WriteAsync(message, ct);

    /// <summary>Writes what is posted until <paramref name="until"/> ends; true when anything was written and so the response has begun.</summary>
    public async Task<bool> RelayAsync(Task until, CancellationToken ct)
    {
        while (true)
        {
            var more = messages.Reader.WaitToReadAsync(ct).AsTask();
            if (await Task.WhenAny(more, until) == until)
            {
                messages.Writer.TryComplete();
                while (messages.Reader.TryRead(out var last)) await WriteAsync(last, ct);
                return response.HasStarted;
            }

            await more;
            while (messages.Reader.TryRead(out var message)) await WriteAsync(message, ct);
        }
    }

    /// <summary>Writes what is posted, and a sign of life now and then, until <paramref name="ct"/> fires.</summary>
    public async Task ServeAsync(CancellationToken ct)
    {
        await BeginAsync(ct);
        using var timer = new PeriodicTimer(KeepAlive, clock);
        var tick = timer.WaitForNextTickAsync(ct).AsTask();
        while (true)
        {
            var more = messages.Reader.WaitToReadAsync(ct).AsTask();
            while (await Task.WhenAny(more, tick) == tick)
            {
                await tick;
                await response.Body.WriteAsync(": still here\n\n"u8.ToArray(), ct);
                await response.Body.FlushAsync(ct);
                tick = timer.WaitForNextTickAsync(ct).AsTask();
            }

            await more;
            while (messages.Reader.TryRead(out var message)) await WriteAsync(message, ct);
        }
    }

    /// <summary>Writes one message as an event.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (!response.HasStarted) await BeginAsync(ct);
        // INVARIANT: a message is compact JSON and holds no line feed, so it is one data line.
        await response.Body.WriteAsync("event: message\ndata: "u8.ToArray(), ct);
        await response.Body.WriteAsync(message, ct);
        await response.Body.WriteAsync("\n\n"u8.ToArray(), ct);
        await response.Body.FlushAsync(ct);
    }

    private async Task BeginAsync(CancellationToken ct)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(ct);
        await response.Body.FlushAsync(ct);
    }
}
