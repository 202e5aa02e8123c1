using McpShield.Testing;
using Microsoft.Extensions.Time.Testing;

namespace McpShield.Audit.Tests;

/// <summary>A record counts when it is durable, and what does not count must not happen.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MemoryStore store = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_commit_returns_only_after_the_store_has_kept_the_record()
    {
        await using var log = await Records.OpenAsync(store, folder);
        var held = store.Hold();

        var committing = log.CommitAsync(Records.Decision(), Ct).AsTask();
        await store.Reached.Task.WaitAsync(Ct);
        Assert.False(committing.IsCompleted);
        held.SetResult();

        await committing;
        Assert.Equal(2, store.Kept.Count);
    }

    [Fact]
    public async Task Many_callers_share_few_commits_and_the_sequence_has_no_gap()
    {
        var log = await Records.OpenAsync(store, folder);
        var held = store.Hold();
        var all = Enumerable.Range(0, 1_000).Select(number => log.CommitAsync(Records.Decision($"t.n{number}"), Ct).AsTask()).ToList();
        await store.Reached.Task.WaitAsync(Ct);
        held.SetResult();
        await Task.WhenAll(all);
        await log.DisposeAsync();

        Assert.Equal(Enumerable.Range(1, 1_002), store.Kept.Select(static one => (int)one.Seq));
        Assert.Null(ChainVerifier.Verify(store.AsKept));
        Assert.InRange(store.Batches.Count, 3, 10); // opened, at most six batches of 256, sealed
    }

    [Fact]
    public async Task A_store_that_fails_refuses_and_the_log_goes_on_without_gap_when_it_works_again()
    {
        var log = await Records.OpenAsync(store, folder);
        store.Failure = new IOException("disk full");
        var refused = await Assert.ThrowsAsync<AuditUnavailableException>(() => log.CommitAsync(Records.Decision(), Ct).AsTask());
        Assert.False(log.IsWritable);

        store.Failure = null;
        await log.CommitAsync(Records.Decision(), Ct);
        Assert.True(log.IsWritable);
        await log.DisposeAsync();

        Assert.Contains("disk full", refused.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], store.Kept.Select(static one => (int)one.Seq));
        Assert.Null(ChainVerifier.Verify(store.AsKept));
    }

    [Fact]
    public async Task What_nobody_waits_for_shares_the_next_commit_that_somebody_does()
    {
        var log = await Records.OpenAsync(store, folder, new() { Linger = TimeSpan.FromHours(1) });
        var decision = Records.Decision();
        await log.CommitAsync(decision, Ct);

        await log.TakeAsync(Records.Outcome(decision));
        await log.CommitAsync(Records.Decision(), Ct);
        await log.TakeAsync(Records.Outcome(decision));
        await log.DisposeAsync(); // the end waits for nobody either

        Assert.Equal([1, 1, 2, 1, 1], store.Batches);
        Assert.Equal([RecordKind.Opened, RecordKind.Decision, RecordKind.Outcome, RecordKind.Decision, RecordKind.Outcome, RecordKind.Sealed], store.Kept.Select(static one => one.Kind));
        Assert.Null(ChainVerifier.Verify(store.AsKept));
    }

    [Fact]
    public async Task What_nobody_waits_for_is_written_by_itself_after_a_moment()
    {
        var log = await Records.OpenAsync(store, folder, new() { Linger = TimeSpan.FromMilliseconds(1) });

        await log.TakeAsync(Records.Outcome(Records.Decision()));

        await Eventually.IsTrueAsync(() => store.Kept.Count == 2, Ct);
        await log.DisposeAsync();
    }

    [Fact]
    public async Task What_nobody_waits_for_survives_a_store_that_fails_for_a_while()
    {
        var log = await Records.OpenAsync(store, folder, new() { Linger = TimeSpan.Zero });
        store.Failure = new IOException("disk full");
        var decision = Records.Decision();
        await log.TakeAsync(Records.Outcome(decision));
        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.CommitAsync(Records.Decision(), Ct).AsTask());

        store.Failure = null;
        await log.CommitAsync(Records.Decision(), Ct);
        await log.DisposeAsync();

        Assert.Equal([RecordKind.Opened, RecordKind.Outcome, RecordKind.Decision, RecordKind.Sealed], store.Kept.Select(static one => one.Kind));
        Assert.Null(ChainVerifier.Verify(store.AsKept));
    }

    [Fact]
    public async Task A_store_that_keeps_and_then_reports_failure_does_not_fork_the_chain()
    {
        var log = await Records.OpenAsync(store, folder);
        (store.Failure, store.KeepsBeforeFailing) = (new IOException("lost contact after commit"), true);
        await log.CommitAsync(Records.Decision(), Ct); // it is durable, so it counts

        store.Failure = null;
        await log.CommitAsync(Records.Decision(), Ct);
        await log.DisposeAsync();

        Assert.Equal([1, 2, 3, 4], store.Kept.Select(static one => (int)one.Seq));
        Assert.Null(ChainVerifier.Verify(store.AsKept));
    }

    [Fact]
    public async Task When_the_queue_is_full_callers_wait_and_are_then_refused_never_dropped()
    {
        var clock = new FakeTimeProvider(Records.Time);
        var log = await Records.OpenAsync(store, folder, new() { QueueLength = 2, BatchSize = 1, QueueTimeout = TimeSpan.FromSeconds(5) }, clock);
        var held = store.Hold();
        var writing = log.CommitAsync(Records.Decision(), Ct).AsTask();
        await store.Reached.Task.WaitAsync(Ct);
        var queued = Enumerable.Range(0, 2).Select(_ => log.CommitAsync(Records.Decision(), Ct).AsTask()).ToList();

        var waiting = log.CommitAsync(Records.Decision(), Ct).AsTask();
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Contains("overloaded", (await Assert.ThrowsAsync<AuditUnavailableException>(() => waiting)).Message, StringComparison.Ordinal);
        held.SetResult();
        await Task.WhenAll([writing, .. queued]);
        await log.DisposeAsync();
        Assert.Equal(5, store.Kept.Count); // opened, three decisions, sealed
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_take_its_record_with_it()
    {
        var log = await Records.OpenAsync(store, folder);
        var held = store.Hold();
        using var patience = new CancellationTokenSource();
        var committing = log.CommitAsync(Records.Decision(), patience.Token).AsTask();
        await store.Reached.Task.WaitAsync(Ct);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => committing);
        held.SetResult();
        await log.DisposeAsync();

        Assert.Contains(store.Kept, static one => one.Kind is RecordKind.Decision);
    }

    [Fact]
    public async Task After_its_end_a_log_refuses()
    {
        var log = await Records.OpenAsync(store, folder);
        await log.DisposeAsync();

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.CommitAsync(Records.Decision(), Ct).AsTask());
    }

    [Fact]
    public async Task A_later_process_begins_a_stream_of_its_own_that_names_the_one_before()
    {
        await (await Records.OpenAsync(store, folder)).DisposeAsync();
        var last = store.Kept[^1];

        await using var second = await Records.OpenAsync(store, folder);

        var opened = store.Kept[^1];
        Assert.NotEqual(last.Stream, opened.Stream);
        Assert.Equal(1, opened.Seq);
        var envelope = System.Text.Encoding.UTF8.GetString(opened.Envelope);
        Assert.Contains($"\"previous_stream\":\"{last.Stream}\"", envelope, StringComparison.Ordinal);
        Assert.Contains($"\"previous_hash\":\"{Convert.ToHexStringLower(last.Link)}\"", envelope, StringComparison.Ordinal);
    }
}
