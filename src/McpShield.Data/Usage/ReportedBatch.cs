namespace McpShield.Data.Usage;

/// <summary>An event as a client told it, checked and ready to be written.</summary>
public sealed record ReportedEvent
{
    /// <summary>Unique in the project; a second one of the same name is the same event.</summary>
    public required string EventId { get; init; }

    /// <summary><c>policy_check</c> or <c>api_call</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The qualified tool name; <c>null</c>: it names none.</summary>
    public string? Tool { get; init; }

    /// <summary><c>allow</c>, <c>deny</c> or <c>approve</c>; <c>null</c>: none.</summary>
    public string? Decision { get; init; }

    /// <summary>When it happened, as the client says.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The decision of ours that it reports on, and which was counted when it was made; <c>null</c>: it counts by itself.</summary>
    public Guid? DecisionId { get; init; }

    /// <summary>How it ended.</summary>
    public string? Outcome { get; init; }

    /// <summary>How long it took.</summary>
    public long? DurationMs { get; init; }

    /// <summary>JSON.</summary>
    public string? Metadata { get; init; }

    /// <summary>Whether the audit log has to hear of it.</summary>
    public bool IsForAudit { get; init; }
}

/// <summary>What one request tells.</summary>
/// <param name="OrganizationId">The key's organization.</param>
/// <param name="ProjectId">The key's project.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Events">The events.</param>
public sealed record ReportedBatch(Guid OrganizationId, Guid ProjectId, Guid KeyId, IReadOnlyList<ReportedEvent> Events);

/// <summary>What became of a request's events.</summary>
/// <param name="IsProjectThere">Whether the project still exists; else nothing was written.</param>
/// <param name="Accepted">How many were new.</param>
/// <param name="MonthCount">All events of the organization's month, with these.</param>
public readonly record struct BatchAnswer(bool IsProjectThere, int Accepted, long MonthCount);
