namespace McpShield.Audit;

/// <summary>A record as it is kept.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">Its place there, from 1 without gaps.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Source">What it was made of; <c>null</c> for the records that open and seal a stream.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Envelope">Canonical JSON.</param>
/// <param name="Link">The chain up to and including this record.</param>
/// <param name="Salt">The payload's salt.</param>
/// <param name="Payload">JSON, or empty when there is none.</param>
public sealed record StoredRecord(
    Guid Stream, long Seq, RecordKind Kind, AuditRecord? Source, DateTimeOffset Time, byte[] Envelope, byte[] Link, byte[] Salt, byte[] Payload);

/// <summary>How far a stream got.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">Its last record.</param>
/// <param name="Link">The chain up to there.</param>
public sealed record StreamHead(Guid Stream, long Seq, byte[] Link);

/// <summary>What no two records share: a call or an action, and what is said of it.</summary>
/// <param name="CallId">The call, or the action itself.</param>
/// <param name="Kind">What is said of it.</param>
public readonly record struct RecordIdentity(Guid CallId, RecordKind Kind);

/// <summary>Where records are kept. Used by one writer at a time.</summary>
public interface IAuditStore : IAsyncDisposable
{
    /// <summary>Keeps all of <paramref name="batch"/>, durably, or none of it. Returns only when a power cut could not undo it.</summary>
    ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct);

    /// <summary>What is kept of <paramref name="stream"/>; <c>null</c> when nothing is.</summary>
    ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct);

    /// <summary>Which of <paramref name="wanted"/> are kept, in whatever stream.</summary>
    ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct);

    /// <summary>The stream that was written here last; <c>null</c> when there is none.</summary>
    ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct);
}

/// <summary>A record could not be made durable; whatever it stands for must not happen.</summary>
public sealed class AuditUnavailableException : Exception
{
    /// <summary>Creates it.</summary>
    public AuditUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
