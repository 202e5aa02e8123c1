using McpShield.Audit;

namespace McpShield.Data.Audits;

/// <summary>Whose entries may be read. Everything that reads is given one; there is no reading without.</summary>
public sealed record AuditScope
{
    private AuditScope(IReadOnlyCollection<Guid>? organizations, IReadOnlyCollection<Guid>? projects) => (Organizations, Projects) = (organizations, projects);

    /// <summary>Everybody's: for whoever runs the machine, never for an API.</summary>
    public static AuditScope Operator { get; } = new(null, null);

    /// <summary>The organizations; <c>null</c> is everybody's.</summary>
    public IReadOnlyCollection<Guid>? Organizations { get; }

    /// <summary>Only these projects of them, where given; entries of no project stand under <see cref="Guid.Empty"/>.</summary>
    public IReadOnlyCollection<Guid>? Projects { get; }

    /// <summary>One organization's entries, or only those of some of its projects.</summary>
    public static AuditScope Of(Guid organization, IReadOnlyCollection<Guid>? projects = null) => new([organization], projects);
}

/// <summary>Which entries are wanted, newest first.</summary>
public sealed record AuditQuery
{
    /// <summary>The most entries of one page.</summary>
    public const int MostEntries = 200;

    /// <summary>Whose.</summary>
    public required AuditScope Scope { get; init; }

    /// <summary>Not before this moment.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this moment.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary><c>allow</c>, <c>deny</c> or <c>approve</c>.</summary>
    public string? Decision { get; init; }

    /// <summary>The qualified tool.</summary>
    public string? Tool { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>The key's identifier.</summary>
    public string? KeyId { get; init; }

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary><c>decision</c> or <c>action</c>.</summary>
    public string? Kind { get; init; }

    /// <summary><c>enforced</c> or <c>reported</c>.</summary>
    public string? Source { get; init; }

    /// <summary>A text that stands in the tool, rule, agent, action, reason or message, in upper or lower case.</summary>
    public string? Text { get; init; }

    /// <summary>Where the page before ended (<see cref="AuditPage.NextCursor"/>).</summary>
    public string? Cursor { get; init; }

    /// <summary>At most so many, 1 to <see cref="MostEntries"/>.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The parameter that cannot be met and why, for whoever asks; <c>null</c> when all can.</summary>
    public (string Parameter, string Problem)? Problem => this switch
    {
        { Limit: < 1 or > MostEntries } => ("limit", "limit is 1 to 200"),
        { Decision: not (null or "allow" or "deny" or "approve") } => ("decision", "decision is allow, deny or approve"),
        { Kind: not (null or "decision" or "action") } => ("kind", "kind is decision or action"),
        { Source: not (null or "enforced" or "reported") } => ("source", "source is enforced or reported"),
        { Cursor: { } cursor } when AuditCursor.Read(cursor, this) is null => ("cursor", "the cursor is not one of this list: begin without one"),
        _ => null,
    };
}

/// <summary>Some entries, and where the next ones begin.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="NextCursor">Goes into the next query; <c>null</c> when there is nothing more.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? NextCursor);

/// <summary>Everything on record about one call or action.</summary>
public sealed record AuditStory
{
    /// <summary>As lists show it.</summary>
    public required AuditEntry Entry { get; init; }

    /// <summary>The record's envelope: JSON, as it is chained.</summary>
    public required string Envelope { get; init; }

    /// <summary>The redacted arguments, details, messages, or what an action changed: JSON; <c>null</c> when it was erased.</summary>
    public string? Payload { get; init; }

    /// <summary>The outcome's envelope: JSON; <c>null</c> when the call was not forwarded or has not ended.</summary>
    public string? Outcome { get; init; }

    /// <summary>What went wrong, as JSON; <c>null</c> when nothing did, or it was erased.</summary>
    public string? OutcomePayload { get; init; }

    /// <summary>The stream that the record stands in.</summary>
    public required Guid Stream { get; init; }

    /// <summary>Its place there.</summary>
    public required long Seq { get; init; }

    /// <summary>The chain up to it, as hexadecimal digits.</summary>
    public required string Link { get; init; }
}

/// <summary>A record that was appended, without its payload.</summary>
public sealed record AppendedRecord
{
    public required Guid Stream { get; init; }

    public required long Seq { get; init; }

    /// <summary><c>opened</c>, <c>decision</c>, <c>outcome</c>, <c>action</c> or <c>sealed</c>.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset Time { get; init; }

    public Guid? CallId { get; init; }

    /// <summary>Of an outcome, its decision's.</summary>
    public Guid? OrganizationId { get; init; }

    /// <summary>Of an outcome, its decision's.</summary>
    public Guid? ProjectId { get; init; }

    public string? Decision { get; init; }

    public string? Source { get; init; }

    public string? Tool { get; init; }

    public string? Rule { get; init; }

    public string? Reason { get; init; }

    public string? Agent { get; init; }

    public string? KeyId { get; init; }

    public string? Action { get; init; }

    public string? Status { get; init; }

    public long? DurationUs { get; init; }
}

/// <summary>What came after a position, and the position after that.</summary>
/// <param name="Records">In the order of each stream.</param>
/// <param name="Heads">How far each stream is read, to be given back; <see cref="AuditReader.Ended"/> for a stream to which nothing is added any more.</param>
/// <param name="HasMore">Whether there was more than could be taken at once.</param>
public sealed record AppendedRecords(IReadOnlyList<AppendedRecord> Records, IReadOnlyDictionary<Guid, long> Heads, bool HasMore);

/// <summary>What came of checking the chain.</summary>
/// <param name="Streams">Streams checked.</param>
/// <param name="Records">Records that were the asker's to check.</param>
/// <param name="Fault">The first that does not hold; <c>null</c> when all do.</param>
public sealed record AuditVerification(int Streams, long Records, ChainFault? Fault)
{
    /// <summary>Streams whose end is not on record: a process still writes there, or ended without a word. No fault.</summary>
    public int Unsealed { get; init; }
}
