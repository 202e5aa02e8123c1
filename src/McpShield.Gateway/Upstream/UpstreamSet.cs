using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace McpShield.Gateway.Upstream;

/// <summary>The upstreams of one project and the catalogue of what they offer.</summary>
internal sealed partial class UpstreamSet : IAsyncDisposable
{
    private readonly ImmutableArray<Slot> slots;
    private readonly UpstreamLimits limits;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly SemaphoreSlim refreshing = new(1, 1);
    private readonly Dictionary<string, string> pins = new(StringComparer.Ordinal);
    private volatile ToolCatalogue catalogue = ToolCatalogue.Empty;

    public UpstreamSet(IEnumerable<IUpstream> upstreams, UpstreamLimits limits, TimeProvider clock, ILogger logger)
    {
        (this.limits, this.clock, this.logger) = (limits, clock, logger);
        slots = [.. upstreams.Select(static upstream => new Slot(upstream))];
        foreach (var slot in slots)
        {
            slot.Upstream.ToolsChanged = () =>
            {
                slot.IsStale = true;
                Changed?.Invoke();
            };
        }
    }

    /// <summary>Tools may have come, gone or changed.</summary>
    public event Action? Changed;

    /// <summary>The catalogue as of now: upstreams that were not asked yet, or said that their tools changed, are asked first.</summary>
    public async ValueTask<ToolCatalogue> CatalogueAsync(CancellationToken ct)
    {
        if (!NeedsRefresh()) return catalogue;

        await refreshing.WaitAsync(ct);
        try
        {
            if (!NeedsRefresh()) return catalogue;
            await Task.WhenAll(slots.Where(IsDue).Select(slot => RefreshAsync(slot, ct)));
            catalogue = ToolCatalogue.Build(slots.SelectMany(static slot => slot.Tools.Select(tool => (slot.Upstream, tool))), pins);
            return catalogue;
        }
        finally
        {
            refreshing.Release();
        }
    }

    /// <summary>Connects every upstream; the failures, by name, where there are any.</summary>
    public async Task<IReadOnlyList<(string Name, UpstreamException Failure)>> ConnectAllAsync(CancellationToken ct)
    {
        await CatalogueAsync(ct);
        return [.. slots.Where(static slot => slot.Failure is not null).Select(static slot => (slot.Upstream.Name, slot.Failure!))];
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(slots.Select(static slot => slot.Upstream.DisposeAsync().AsTask()));
        refreshing.Dispose();
    }

    private bool NeedsRefresh()
    {
        foreach (var slot in slots)
        {
            if (IsDue(slot)) return true;
        }

        return false;
    }

    private bool IsDue(Slot slot) => slot.IsStale && (slot.Failure is null || clock.GetElapsedTime(slot.FailedAt) >= limits.RestartDelay);

    private async Task RefreshAsync(Slot slot, CancellationToken ct)
    {
        // Before the question, so that a change announced while it is answered is asked about again.
        slot.IsStale = false;
        try
        {
            slot.Tools = await slot.Upstream.ListToolsAsync(ct);
            slot.Failure = null;
        }
        catch (UpstreamException failure)
        {
            // The others still work. This one offers nothing until it answers; a call to it says why.
            slot.IsStale = true;
            slot.Tools = [];
            slot.Failure = failure;
            slot.FailedAt = clock.GetTimestamp();
            if (failure.Status is not Audit.CallStatus.Cancelled) Log.NotAvailable(logger, slot.Upstream.Name, failure.Message);
        }
    }

    private sealed class Slot(IUpstream upstream)
    {
        private volatile bool isStale = true;

        public IUpstream Upstream { get; } = upstream;

        public ImmutableArray<ToolDefinition> Tools { get; set; } = [];

        public bool IsStale { get => isStale; set => isStale = value; }

        public UpstreamException? Failure { get; set; }

        public long FailedAt { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Warning, "Server {Server} is not available: {Why}")]
        public static partial void NotAvailable(ILogger logger, string server, string why);
    }
}
