using System.Text;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace McpShield.Audit;

/// <summary>How an <see cref="AuditLog"/> behaves under load.</summary>
public sealed record AuditLogOptions
{
    /// <summary>The defaults.</summary>
    public static AuditLogOptions Default { get; } = new();

    /// <summary>Records that may wait; when so many do, callers wait.</summary>
    public int QueueLength { get; init; } = 4_096;

    /// <summary>The most records of one commit.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>How long a caller waits for room before it is refused.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long records that nobody waits for may wait for one that somebody does, to share its commit.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(20);
}

/// <summary>Writes one stream of records. Many callers wait for one commit, so that a durable log costs each of them little.</summary>
/// <remarks>Safe for concurrent use. One writer loop owns sequence and chain; nothing else touches them.</remarks>
public sealed class AuditLog : IAsyncDisposable
{
    private readonly IAuditStore store;
    private readonly AuditSigningKey key;
    private readonly AuditLogOptions options;
    private readonly TimeProvider clock;
    private readonly Channel<Waiting> queue;
    private readonly Task writing;
    private StreamHead head;
    private bool headIsCertain = true;
    private volatile bool lastFailed;

    private AuditLog(IAuditStore store, AuditSigningKey key, AuditLogOptions options, TimeProvider clock, StreamHead head)
    {
        (this.store, this.key, this.options, this.clock, this.head) = (store, key, options, clock, head);
        queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        writing = Task.Run(WriteAsync);
    }

    /// <summary>The stream that this log writes.</summary>
    public Guid Stream => head.Stream;

    /// <summary>Whether the last commit succeeded.</summary>
    public bool IsWritable => !lastFailed;

    /// <summary>A key of 32 bytes for <paramref name="purpose"/>, always the same for one signing key; it says nothing of the signing key.</summary>
    // SPEC: RFC 8032: an Ed25519 signature is a function of key and message alone, and no message of the log begins like this one.
    public byte[] DeriveKey(string purpose) => SHA256.HashData(key.Sign(Encoding.UTF8.GetBytes($"mcpshield derived key: {purpose}")));

    /// <summary>Opens a new stream in <paramref name="store"/>; its first record is durable when this returns. The log owns store and key from then on.</summary>
    public static async Task<AuditLog> OpenAsync(IAuditStore store, AuditSigningKey key, AuditProcess process, AuditLogOptions options, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var stream = Guid.CreateVersion7(now);
        if (await store.ReadLastAsync(ct) is { } last) process = process with { PreviousStream = last.Stream, PreviousHash = Convert.ToHexStringLower(last.Link) };
        var envelope = Envelope.Opened(stream, now, process, key);
        var first = new StoredRecord(stream, 1, RecordKind.Opened, null, now, envelope, Chain.Link(Chain.Beginning.Span, Chain.Leaf(envelope)), [], []);
        await store.AppendAsync([first], ct);
        return new(store, key, options, clock, new(stream, 1, first.Link));
    }

    /// <summary>Returns when <paramref name="record"/> is durable.</summary>
    /// <exception cref="AuditUnavailableException">It is not, and what it stands for must not happen.</exception>
    /// <exception cref="OperationCanceledException">The caller no longer waits; the record may be written all the same.</exception>
    public async ValueTask CommitAsync(AuditRecord record, CancellationToken ct)
    {
        var waiting = new Waiting(record, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!queue.Writer.TryWrite(waiting)) await WaitForRoomAsync(waiting, ct);
        await waiting.Done!.Task.WaitAsync(ct);
    }

    /// <summary>Returns when <paramref name="record"/> is taken; it is durable a moment later, and is kept and tried again while the store fails.</summary>
    /// <remarks>For what has happened already: nothing is undone by not waiting for it.</remarks>
    /// <exception cref="AuditUnavailableException">It was not taken.</exception>
    public ValueTask TakeAsync(AuditRecord record)
    {
        var waiting = new Waiting(record, Done: null);
        return queue.Writer.TryWrite(waiting) ? ValueTask.CompletedTask : WaitForRoomAsync(waiting, CancellationToken.None);
    }

    /// <summary>Writes what waits, seals the stream, and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!queue.Writer.TryComplete()) return;
        await writing;
        try
        {
            var (seq, now) = (head.Seq + 1, clock.GetUtcNow());
            var envelope = Envelope.Sealed(head.Stream, seq, head.Link, now, key);
            if (headIsCertain) await store.AppendAsync([new(head.Stream, seq, RecordKind.Sealed, null, now, envelope, Chain.Link(head.Link, Chain.Leaf(envelope)), [], [])], CancellationToken.None);
        }
        catch (Exception)
        {
            // An unsealed stream says that its process did not end in order, which is what happened.
        }

        await store.DisposeAsync();
        key.Dispose();
    }

    private async ValueTask WaitForRoomAsync(Waiting waiting, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(options.QueueTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await queue.Writer.WriteAsync(waiting, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AuditUnavailableException($"the audit log is overloaded: no room within {options.QueueTimeout.TotalSeconds:0} seconds");
        }
        catch (ChannelClosedException closed)
        {
            throw new AuditUnavailableException("the audit log is closed", closed);
        }
    }

    // No delay to gather more where somebody waits: what arrives while one commit runs is the next batch.
    private async Task WriteAsync()
    {
        var batch = new List<Waiting>(options.BatchSize);
        while (await queue.Reader.WaitToReadAsync())
        {
            Gather(batch);
            if (!batch.Exists(static one => one.IsAwaited)) await LingerAsync(batch);
            await CommitAsync(batch);
        }

        // What could not be written before has one more chance.
        if (batch.Count > 0) await CommitAsync(batch);
    }

    private void Gather(List<Waiting> batch)
    {
        while (batch.Count < options.BatchSize && queue.Reader.TryRead(out var next)) batch.Add(next);
    }

    private async Task LingerAsync(List<Waiting> batch)
    {
        using var patience = new CancellationTokenSource(options.Linger, clock);
        try
        {
            while (batch.Count < options.BatchSize && await queue.Reader.WaitToReadAsync(patience.Token))
            {
                Gather(batch);
                if (batch.Exists(static one => one.IsAwaited)) return;
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody came.
        }
    }

    /// <summary>Leaves in <paramref name="batch"/> what is still to be written: records that nobody waits for, when the store fails.</summary>
    private async Task CommitAsync(List<Waiting> batch)
    {
        var failure = await TryCommitAsync(batch);
        lastFailed = failure is not null;
        foreach (var waiting in batch)
        {
            if (failure is null) waiting.Done?.TrySetResult();
            else waiting.Done?.TrySetException(new AuditUnavailableException($"the audit log could not be written: {failure.Message}", failure));
        }

        if (failure is null) batch.Clear();
        else batch.RemoveAll(static one => one.IsAwaited);
    }

    private async Task<Exception?> TryCommitAsync(List<Waiting> batch)
    {
        try
        {
            if (!headIsCertain) await LearnHeadAsync();
            await LeaveOutAsync(batch, static record => IsRepeatable(record));
            var failure = await AppendAsync(batch);
            if (failure is null || batch.Count == 0) return failure;

            // Another process may have been told the same in the meantime; then the rest of the batch must not suffer for it.
            var before = batch.Count;
            await LeaveOutAsync(batch, static record => record is not DecisionRecord { Source: DecisionSource.Enforced });
            return batch.Count == before ? failure : await AppendAsync(batch);
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private async Task<Exception?> AppendAsync(List<Waiting> batch)
    {
        if (batch.Count == 0) return null;
        var records = Bind(batch);
        try
        {
            headIsCertain = false;
            await store.AppendAsync(records, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // A commit that reports failure may have happened. What the store holds is the truth: a sequence number is
            // never used twice, and the chain never forks. The link says whose commit it was; a number would not.
            await LearnHeadAsync();
            return head.Link.AsSpan().SequenceEqual(records[^1].Link) ? null : failure;
        }

        head = new(head.Stream, records[^1].Seq, records[^1].Link);
        headIsCertain = true;
        return null;
    }

    // What a queue or a client may tell us again: it is asked for before it is written.
    private static bool IsRepeatable(AuditRecord record) => record is ActionRecord or DecisionRecord { Source: DecisionSource.Reported };

    /// <summary>Completes and takes out what is kept already, or stands in the batch twice.</summary>
    // THREAT: whoever may report an event could name one that is on record; the refused duplicate would take the calls of others with it.
    private async Task LeaveOutAsync(List<Waiting> batch, Func<AuditRecord, bool> isAskedFor)
    {
        var names = batch.Where(one => isAskedFor(one.Record)).Select(static one => NameOf(one.Record)).ToHashSet();
        if (names.Count == 0) return;
        var kept = new HashSet<RecordIdentity>(await store.FindAsync(names, CancellationToken.None));
        batch.RemoveAll(one =>
        {
            if (!isAskedFor(one.Record) || kept.Add(NameOf(one.Record))) return false;
            one.Done?.TrySetResult();
            return true;
        });
    }

    private static RecordIdentity NameOf(AuditRecord record) => new(record.CallId, KindOf(record));

    private static RecordKind KindOf(AuditRecord record) => record switch
    {
        DecisionRecord => RecordKind.Decision,
        OutcomeRecord => RecordKind.Outcome,
        ActionRecord => RecordKind.Action,
        _ => throw new InvalidOperationException($"no record of kind {record.GetType().Name}"),
    };

    private async Task LearnHeadAsync()
    {
        head = await store.ReadHeadAsync(head.Stream, CancellationToken.None) ?? throw new AuditUnavailableException("the stream is gone from its store");
        headIsCertain = true;
    }

    private List<StoredRecord> Bind(List<Waiting> batch)
    {
        var records = new List<StoredRecord>(batch.Count);
        var (seq, link) = (head.Seq, head.Link);
        foreach (var waiting in batch)
        {
            seq++;
            var salt = Envelope.NewSalt();
            var payload = waiting.Record switch
            {
                DecisionRecord decision => Envelope.Payload(decision),
                OutcomeRecord outcome => Envelope.Payload(outcome),
                var action => Envelope.Payload((ActionRecord)action),
            };
            var digest = Chain.PayloadDigest(salt, payload);
            var envelope = waiting.Record switch
            {
                DecisionRecord decision => Envelope.Of(decision, head.Stream, seq, digest),
                OutcomeRecord outcome => Envelope.Of(outcome, head.Stream, seq, digest),
                var action => Envelope.Of((ActionRecord)action, head.Stream, seq, digest),
            };
            link = Chain.Link(link, Chain.Leaf(envelope));
            records.Add(new(head.Stream, seq, KindOf(waiting.Record), waiting.Record, waiting.Record.Time, envelope, link, salt, payload));
        }

        return records;
    }

    private sealed record Waiting(AuditRecord Record, TaskCompletionSource? Done)
    {
        public bool IsAwaited => Done is not null;
    }
}
