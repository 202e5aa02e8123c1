using McpShield.Policy.Evaluation;

namespace McpShield.Audit;

/// <summary>A fact for the log. Decisions and outcomes are joined by <see cref="CallId"/>; nothing is ever updated.</summary>
public abstract record AuditRecord
{
    /// <summary>The call that the record is about, or the action itself: a UUID v7. With the kind it names a record once.</summary>
    public required Guid CallId { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }
}

/// <summary>What was decided of a call. Committed before the call goes anywhere.</summary>
public sealed record DecisionRecord : AuditRecord
{
    /// <summary>The organization whose project was called; <see cref="Guid.Empty"/> for a local gateway.</summary>
    public Guid OrganizationId { get; init; }

    /// <summary>The project that was called; <see cref="Guid.Empty"/> for a local gateway.</summary>
    public Guid ProjectId { get; init; }

    /// <summary>Who acted.</summary>
    public Principal Principal { get; init; } = Principal.Nobody;

    /// <summary>What the client says it is (name and version): self-reported, never part of a decision.</summary>
    public string? Client { get; init; }

    /// <summary>The caller's address, where there is one.</summary>
    public string? ClientIp { get; init; }

    /// <summary><c>http</c> or <c>stdio</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>The protocol revision spoken, for instance <c>2025-11-25</c>; <c>null</c> when none was agreed on.</summary>
    public string? ProtocolVersion { get; init; }

    /// <summary>The JSON-RPC method; <c>null</c> when the message was refused before it was known.</summary>
    public string? Method { get; init; }

    /// <summary>The qualified tool name as policies see it; <c>null</c> when the message named none.</summary>
    public string? Tool { get; init; }

    /// <summary>SHA-256 of the tool's definition as hexadecimal digits; <c>null</c> when it is unknown.</summary>
    public string? ToolPin { get; init; }

    /// <summary>Which version of the policy decided (<see cref="CompiledPolicy.Hash"/>); <c>null</c> when none was asked.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>The answer.</summary>
    public required Decision Decision { get; init; }

    /// <summary>Whether the answer was only put on record, and the call went ahead whatever it was (<c>mode: shadow</c>).</summary>
    public bool IsShadow { get; init; }

    /// <summary>The arguments as compact JSON, after redaction; <c>null</c> when there were none. Goes into the payload.</summary>
    public ReadOnlyMemory<byte>? Arguments { get; init; }

    /// <summary>Whether we decided, or were told of it.</summary>
    public DecisionSource Source { get; init; }

    /// <summary>The name that a client gave a reported event, so that it can send it again; <c>null</c> when it gave none. Goes into the payload.</summary>
    public string? EventId { get; init; }
}

/// <summary>Where a decision comes from. A simulated one is never recorded.</summary>
public enum DecisionSource
{
    /// <summary>We decided, and the call obeyed.</summary>
    Enforced,

    /// <summary>A client told us; nothing of it is known to be true.</summary>
    Reported,
}

/// <summary>What a person, or the system in a person's place, did in the control plane.</summary>
public sealed record ActionRecord : AuditRecord
{
    /// <summary>The organization it was done in; <see cref="Guid.Empty"/> when it was done to the whole installation.</summary>
    public Guid OrganizationId { get; init; }

    /// <summary>The project it was done to; <see cref="Guid.Empty"/> when it was done to none.</summary>
    public Guid ProjectId { get; init; }

    /// <summary><c>user</c>, <c>operator</c> or <c>system</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The user who acted, where one did.</summary>
    public Guid? ActorUserId { get; init; }

    /// <summary>What was done, for instance <c>project.created</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: <c>project</c>, <c>api_key</c> …</summary>
    public string? TargetType { get; init; }

    /// <summary>Which one.</summary>
    public string? TargetId { get; init; }

    /// <summary>The target before, as JSON without secrets; <c>null</c> when there was none. Goes into the payload.</summary>
    public ReadOnlyMemory<byte>? Before { get; init; }

    /// <summary>The target after, as JSON without secrets; <c>null</c> when it is gone. Goes into the payload.</summary>
    public ReadOnlyMemory<byte>? After { get; init; }

    /// <summary>The actor's address, where there is one. Goes into the payload.</summary>
    public string? ClientIp { get; init; }
}

/// <summary>How a call that was let through ended.</summary>
public enum CallStatus
{
    /// <summary>Nobody finished the record. Zero: an end nobody reported is a failure.</summary>
    Failed,

    /// <summary>The upstream answered.</summary>
    Succeeded,

    /// <summary>The upstream answered with a tool error.</summary>
    ToolError,

    /// <summary>The upstream answered with a protocol error.</summary>
    ProtocolError,

    /// <summary>The upstream could not be reached, or went away.</summary>
    Unreachable,

    /// <summary>The upstream took too long.</summary>
    TimedOut,

    /// <summary>The agent no longer wanted the answer.</summary>
    Cancelled,

    /// <summary>The answer was larger than allowed, or not a valid one.</summary>
    Refused,
}

/// <summary>What became of a call that was let through.</summary>
public sealed record OutcomeRecord : AuditRecord
{
    /// <summary>How it ended.</summary>
    public required CallStatus Status { get; init; }

    /// <summary>From forwarding to the end.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Bytes of the upstream's result.</summary>
    public long ResultBytes { get; init; }

    /// <summary>What went wrong, for people; <c>null</c> when nothing did. Goes into the payload.</summary>
    public string? Error { get; init; }
}
