using System.Collections.Immutable;
using McpShield.Policy.Evaluation;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>The upstreams of one project and the catalogue of what they offer.</summary>
/// <remarks>
/// An upstream that was never asked, or said that its tools changed, is asked before the catalogue is used. One that failed is asked
/// again in the background: nobody waits for a server that is down.
/// </remarks>
internal sealed partial class UpstreamSet : IAsyncDisposable
{
    private readonly ImmutableArray<Slot> slots;
    private readonly UpstreamLimits limits;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock building = new();
    private readonly Dictionary<string, string> pins = new(StringComparer.Ordinal);
    private volatile ToolCatalogue catalogue = ToolCatalogue.Empty;
    private volatile bool toldToCaller; // who connects everything hears of failures, and says them

    public UpstreamSet(IEnumerable<IUpstream> upstreams, UpstreamLimits limits, TimeProvider clock, ILogger logger)
    {
        (this.limits, this.clock, this.logger) = (limits, clock, logger);
        slots = [.. upstreams.Select(static upstream => new Slot(upstream))];
        foreach (var slot in slots)
        {
            slot.Upstream.ToolsChanged = () =>
            {
                slot.Ask();
                Changed?.Invoke();
            };
        }
    }

    /// <summary>Tools may have come, gone or changed.</summary>
    public event Action? Changed;

    /// <summary>The catalogue as of now.</summary>
    public async ValueTask<ToolCatalogue> CatalogueAsync(CancellationToken ct)
    {
        foreach (var slot in slots)
        {
            while (slot is { IsOutdated: true, Failure: null }) await RefreshAsync(slot).WaitAsync(ct);
            if (slot.IsOutdated && clock.GetElapsedTime(slot.FailedAt) >= limits.RestartDelay) _ = RefreshAsync(slot);
        }

        return catalogue;
    }

    /// <summary>Says what servers may be told that they can ask for.</summary>
    public void Offer(ServerRequests allowed)
    {
        foreach (var slot in slots) slot.Upstream.Offer(allowed);
    }

    /// <summary>Connects every upstream; the failures, by name, where there are any.</summary>
    public async Task<IReadOnlyList<(string Name, UpstreamException Failure)>> ConnectAllAsync(CancellationToken ct)
    {
        toldToCaller = true;
        await Task.WhenAll(slots.Select(RefreshAsync)).WaitAsync(ct);
        toldToCaller = false;
        return [.. slots.Where(static slot => slot.Failure is not null).Select(static slot => (slot.Upstream.Name, slot.Failure!))];
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(slots.Select(static slot => slot.Upstream.DisposeAsync().AsTask()));
        stopping.Dispose();
    }

    /// <summary>Asks one upstream for its tools; who comes while it is being asked waits for the same answer.</summary>
    private Task RefreshAsync(Slot slot) => slot.RefreshOnce(async () =>
    {
        var wanted = slot.Wanted;
        var wasDown = slot.Failure is not null;
        try
        {
            slot.Tools = await slot.Upstream.ListToolsAsync(stopping.Token);
            slot.Failure = null;
        }
        catch (Exception failure)
        {
            // The others still work. This one offers nothing until it answers.
            slot.Tools = [];
            slot.FailedAt = clock.GetTimestamp();
            slot.Failure = failure as UpstreamException ?? new UpstreamException(Audit.CallStatus.Failed, "the server could not be asked for its tools", failure);
            if (!wasDown && !toldToCaller && !stopping.IsCancellationRequested) Log.NotAvailable(logger, slot.Upstream.Name, slot.Failure.Message);
        }

        lock (building) catalogue = ToolCatalogue.Build(slots.SelectMany(static one => one.Tools.Select(tool => (one.Upstream, tool))), pins);
        if (slot.Failure is not null) return;

        // Only now: whoever sees that nothing is outdated takes the catalogue that holds this answer.
        slot.Got = wanted;
        if (wasDown) Changed?.Invoke();
    });

    private sealed class Slot(IUpstream upstream)
    {
        private readonly Lock asking = new();
        private volatile UpstreamException? failure;
        private int wanted = 1;
        private int got;
        private Task? inFlight;

        public IUpstream Upstream { get; } = upstream;

        public ImmutableArray<ToolDefinition> Tools { get; set; } = [];

        /// <summary>Counts the times that the tools became worth asking for; <see cref="Got"/> is the count when they were last told.</summary>
        public int Wanted => Volatile.Read(ref wanted);

        public int Got { get => Volatile.Read(ref got); set => Volatile.Write(ref got, value); }

        public bool IsOutdated => Got != Wanted;

        public UpstreamException? Failure { get => failure; set => failure = value; }

        public long FailedAt { get; set; }

        public void Ask() => Interlocked.Increment(ref wanted);

        public Task RefreshOnce(Func<Task> refresh)
        {
            lock (asking)
            {
                if (inFlight is { IsCompleted: false }) return inFlight;
                return inFlight = Task.Run(refresh);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Warning, "Server {Server} is not available: {Why}")]
        public static partial void NotAvailable(ILogger logger, string server, string why);
    }
}
