using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>Something that an agent did, or that a client decided. One such object, or a list of them under <c>events</c>.</summary>
/// <param name="ToolName">The qualified tool name, for instance <c>filesystem.read</c>, 1 to 200 characters.</param>
/// <param name="Tool">The same as <paramref name="ToolName"/>; give one of them.</param>
/// <param name="Decision"><c>allow</c>, <c>deny</c> or <c>approve</c>; absent: nothing was decided.</param>
/// <param name="EventType"><c>policy_check</c> or <c>api_call</c>; absent: <c>policy_check</c> where there is a decision.</param>
/// <param name="Timestamp">When it happened (RFC 3339; without an offset it is UTC), at most 30 days ago; absent: now.</param>
/// <param name="Metadata">Any JSON object of up to 16 kB. Secrets in it are masked before it is kept.</param>
/// <param name="EventId">Your name for it, up to 128 characters: sent again, it counts once. Absent: the <paramref name="DecisionId"/>, else every request is new.</param>
/// <param name="DecisionId">A decision of ours that it reports on: it was counted when it was made, so this adds outcome and duration only. One that this project does not have counts as any other event.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="Outcome">How it ended: <c>succeeded</c>, <c>tool_error</c>, <c>protocol_error</c>, <c>unreachable</c>, <c>timed_out</c>, <c>cancelled</c>, <c>refused</c> or <c>failed</c>.</param>
public sealed record IngestEvent(
    string? ToolName = null,
    string? Tool = null,
    string? Decision = null,
    string? EventType = null,
    DateTimeOffset? Timestamp = null,
    JsonElement? Metadata = null,
    string? EventId = null,
    Guid? DecisionId = null,
    long? DurationMs = null,
    string? Outcome = null);

/// <summary>Several events in one request.</summary>
/// <param name="Events">1 to 1,000 events. All are taken, or none.</param>
public sealed record IngestEventsRequest(IReadOnlyList<IngestEvent> Events);

/// <summary>Events were taken. They are in the database when this is sent.</summary>
/// <param name="Accepted">How many were new.</param>
/// <param name="Duplicates">How many were known already, by their <c>event_id</c>; they count once.</param>
/// <param name="Usage">Where the month stands.</param>
/// <param name="Warning">A sentence when the plan's limit is near or passed; absent: neither.</param>
public sealed record IngestResponse(int Accepted, int Duplicates, UsageStanding Usage, string? Warning = null);

/// <summary>A month's events against the plan's limit.</summary>
/// <param name="Month">The calendar month (UTC), for instance <c>2026-11</c>.</param>
/// <param name="EventCount">Events so far: those decided by the gateway, and those reported. An event counts in the month in which it was received.</param>
/// <param name="Limit">What the plan includes; absent: no limit.</param>
/// <param name="Percent">How much of it is used; absent where there is no limit.</param>
/// <param name="ResetsAt">When the next month begins.</param>
public sealed record UsageStanding(string Month, long EventCount, long? Limit, double? Percent, DateTimeOffset ResetsAt);

/// <summary>The shapes of events as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IngestEvent))]
[JsonSerializable(typeof(IngestEventsRequest))]
[JsonSerializable(typeof(IngestResponse))]
public sealed partial class EventsJson : JsonSerializerContext;
