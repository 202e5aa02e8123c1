using System.Threading.Channels;
using McpShield.Data.Audits;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Audits;

/// <summary>Tells whoever listens what is appended to the log, by any copy. One reader for all listeners; without listeners it rests.</summary>
internal sealed partial class AuditTail(AuditReader reader, TimeProvider clock, ILogger<AuditTail> logger) : BackgroundService
{
    private const int MostWaiting = 1_000;
    private const int MostAtOnce = 2_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly Lock gate = new();
    private readonly List<Listener> listeners = [];
    private readonly SemaphoreSlim wake = new(0, 1);
    private bool isFollowing;

    /// <summary>Begins to listen for an organization, or for one project of it. The channel ends when the listener does not keep up.</summary>
    public Listener Listen(Guid organization, Guid? project)
    {
        var listener = new Listener(this, organization, project);
        lock (gate)
        {
            listeners.Add(listener);
            if (isFollowing) listener.Began();
            else Wake_NeedsLock();
        }

        return listener;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await wake.WaitAsync(stoppingToken);
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Log.NotFollowed(logger, failure);
                await Task.Delay(Interval, clock, stoppingToken);
                lock (gate)
                {
                    isFollowing = false;
                    if (listeners.Count > 0) Wake_NeedsLock();
                }
            }
        }
    }

    private void Wake_NeedsLock()
    {
        if (wake.CurrentCount == 0) wake.Release();
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        var heads = await reader.ReadHeadsAsync(ct);
        lock (gate)
        {
            isFollowing = true;
            listeners.ForEach(static listener => listener.Began());
        }

        while (true)
        {
            // INVARIANT: whoever comes while this is following misses nothing; so to stop and to be joined exclude each other.
            lock (gate)
            {
                isFollowing = listeners.Count > 0;
                if (!isFollowing) return;
            }

            var appended = await reader.ReadAfterAsync(heads, MostAtOnce, ct);
            heads = appended.Heads;
            foreach (var record in appended.Records.OrderBy(static record => record.Time)) Tell(record);
            if (!appended.HasMore) await Task.Delay(Interval, clock, ct);
        }
    }

    private void Tell(AppendedRecord record)
    {
        if (record.Kind is not ("decision" or "action" or "outcome")) return;
        lock (gate)
        {
            foreach (var listener in listeners) listener.Offer(record);
        }
    }

    /// <summary>One who listens, until disposed.</summary>
    internal sealed class Listener(AuditTail tail, Guid organization, Guid? project) : IDisposable
    {
        private readonly Channel<AppendedRecord> channel = Channel.CreateBounded<AppendedRecord>(MostWaiting);
        private readonly TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ChannelReader<AppendedRecord> Records => channel.Reader;

        /// <summary>Ends when nothing that is written from now on is missed.</summary>
        public Task Ready => began.Task;

        public void Began() => began.TrySetResult();

        public void Offer(AppendedRecord record)
        {
            if (record.OrganizationId != organization || (project is not null && record.ProjectId != project)) return;
            if (!channel.Writer.TryWrite(record)) channel.Writer.TryComplete();
        }

        public void Dispose()
        {
            lock (tail.gate) tail.listeners.Remove(this);
            channel.Writer.TryComplete();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(430, LogLevel.Warning, "The audit log could not be followed for those who watch it live; trying again")]
        public static partial void NotFollowed(ILogger logger, Exception failure);
    }
}
