using McpShield.Policy.Evaluation;

namespace McpShield.Audit;

/// <summary>A fact for the log. Decisions and outcomes are joined by <see cref="CallId"/>; nothing is ever updated.</summary>
public abstract record AuditRecord
{
    /// <summary>The call that the record is about, a UUID v7.</summary>
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
