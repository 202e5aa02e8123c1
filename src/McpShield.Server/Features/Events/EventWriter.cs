using System.Data.Common;
using System.Threading.Channels;
using McpShield.Data;
using McpShield.Data.Usage;
using Microsoft.Extensions.Logging;

namespace McpShield.Server.Features.Events;

/// <summary>Writes what requests report, many of them in one transaction: each waits for the commit, and all share its cost.</summary>
/// <remarks>What arrives while one commit runs is the next batch; so nobody waits for company.</remarks>
internal sealed partial class EventWriter : IAsyncDisposable
{
    private const int MaxWaiting = 50_000;
    private const int MaxBatchRequests = 512;
    private const int MaxBatchEvents = 5_000;
    private const int Tries = 3;

    private readonly UsageStore store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Channel<Waiting> queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly Task writing;
    private int waiting;

    public EventWriter(ShieldDatabase database, TimeProvider clock, ILogger<EventWriter> logger)
    {
        (store, this.clock, this.logger) = (UsageStore.Open(database), clock, logger);
        writing = Task.Run(WriteAsync);
    }

    /// <summary>Takes a request's events; the result completes when they are durable. <c>null</c>: there is no room, and none were taken.</summary>
#pragma warning disable MA0022 // no task at all is the answer that there is no room
    public Task<BatchAnswer>? TryAdd(ReportedBatch batch)
    {
        // The events are bounded, not the requests: they are what memory and time go into.
        if (Interlocked.Add(ref waiting, batch.Events.Count) > MaxWaiting)
        {
            Interlocked.Add(ref waiting, -batch.Events.Count);
            return null;
        }

        var one = new Waiting(batch, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (queue.Writer.TryWrite(one)) return one.Done.Task;
        Interlocked.Add(ref waiting, -batch.Events.Count);
        return null;
    }
#pragma warning restore MA0022

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
        await store.DisposeAsync();
    }

    private async Task WriteAsync()
    {
        var batch = new List<Waiting>();
        while (await queue.Reader.WaitToReadAsync())
        {
            var events = 0;
            while (batch.Count < MaxBatchRequests && events < MaxBatchEvents && queue.Reader.TryRead(out var next))
            {
                batch.Add(next);
                events += next.Batch.Events.Count;
            }

            await CommitAsync(batch);
            Interlocked.Add(ref waiting, -events);
            batch.Clear();
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        if (await TryCommitAsync(batch) is not { } failure) return;
        if (batch.Count == 1)
        {
            Log.NotWritten(logger, failure);
            batch[0].Done.TrySetException(failure);
            return;
        }

        // One request's trouble (its project was deleted a moment ago) must not be the others'.
        foreach (var one in batch) await CommitAsync([one]);
    }

    private async Task<Exception?> TryCommitAsync(List<Waiting> batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answers = await store.AddAsync([.. batch.Select(static one => one.Batch)], clock.GetUtcNow(), CancellationToken.None);
                for (var i = 0; i < batch.Count; i++) batch[i].Done.TrySetResult(answers[i]);
                return null;
            }
            catch (DbException failure) when (failure.IsTransient && attempt < Tries)
            {
                // Two writers met, or the server went away for a moment. The transaction is undone, so nothing counts twice.
            }
            catch (Exception failure)
            {
                return failure;
            }
        }
    }

    private sealed record Waiting(ReportedBatch Batch, TaskCompletionSource<BatchAnswer> Done);

    private static partial class Log
    {
        [LoggerMessage(430, LogLevel.Error, "Reported events could not be written; their sender was told")]
        public static partial void NotWritten(ILogger logger, Exception failure);
    }
}
