using McpShield.Policy.Evaluation;
using McpShield.Testing;

namespace McpShield.Audit.Tests;

/// <summary>Records and logs as the tests need them.</summary>
internal static class Records
{
    public static readonly DateTimeOffset Time = new(2026, 11, 24, 8, 0, 0, 123, TimeSpan.Zero);

    public static DecisionRecord Decision(string tool = "fs.read_file", string message = "rule one allows this call", string? arguments = """{"path":"/a"}""") => new()
    {
        CallId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Time = Time,
        Principal = new() { Agent = "agent", Key = "key-id" },
        Transport = "stdio",
        ProtocolVersion = "2025-11-25",
        Method = "tools/call",
        Tool = tool,
        Decision = new() { Outcome = Policy.Evaluation.Outcome.Allow, Rule = "one", Reason = Reason.Rule, Message = message },
        Arguments = arguments is null ? null : System.Text.Encoding.UTF8.GetBytes(arguments),
    };

    public static OutcomeRecord Outcome(DecisionRecord of) => new() { CallId = of.CallId, Time = Time, Status = CallStatus.Succeeded, Duration = TimeSpan.FromMicroseconds(1500), ResultBytes = 42 };

    public static Task<AuditLog> OpenAsync(IAuditStore store, TemporaryFolder folder, AuditLogOptions? options = null, TimeProvider? clock = null) =>
        AuditLog.OpenAsync(store, AuditSigningKey.LoadOrCreate(folder["audit.key"]), new("host", 1, "0.1.0"), options ?? AuditLogOptions.Default, clock ?? TimeProvider.System, TestContext.Current.CancellationToken);
}

/// <summary>A store in memory whose disk a test can break, hold, or make lie.</summary>
internal sealed class MemoryStore : IAuditStore
{
    private readonly List<StoredRecord> kept = [];
    private TaskCompletionSource? gate;

    public List<int> Batches { get; } = [];

    public Exception? Failure { get; set; }

    public bool KeepsBeforeFailing { get; set; }

    public TaskCompletionSource Reached { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<StoredRecord> Kept
    {
        get
        {
            lock (kept) return [.. kept];
        }
    }

    public IReadOnlyList<KeptRecord> AsKept => [.. Kept.Select(static one => KeptRecord.TryRead(one.Envelope, one.Link, one.Salt, one.Salt.Length > 0 ? one.Payload : null)!)];

    public TaskCompletionSource Hold()
    {
        Reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public async ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
    {
        if (gate is { } held)
        {
            Reached.TrySetResult();
            await held.Task;
        }

        if (Failure is not null && !KeepsBeforeFailing) throw Failure;
        lock (kept) kept.AddRange(batch);
        Batches.Add(batch.Count);
        if (Failure is not null) throw Failure;
    }

    public ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct) => new(Kept.LastOrDefault(one => one.Stream == stream) is { } last ? new StreamHead(stream, last.Seq, last.Link) : null);

    public ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct) =>
        new(Kept.Where(static one => one.Source is not null).Select(static one => new RecordIdentity(one.Source!.CallId, one.Kind)).Where(wanted.Contains).ToHashSet());

    public ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct) => new(Kept.Count == 0 ? null : new StreamHead(Kept[^1].Stream, Kept[^1].Seq, Kept[^1].Link));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
