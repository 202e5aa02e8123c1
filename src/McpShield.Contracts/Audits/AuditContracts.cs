using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>One entry of the audit log: a decision about an agent's call with its outcome, or an action of a person.</summary>
/// <param name="Id">The decision's or action's id, a UUID v7.</param>
/// <param name="Kind"><c>decision</c> or <c>action</c>.</param>
/// <param name="Timestamp">When it was decided or done.</param>
/// <param name="ProjectId">The project; absent for actions that belong to none.</param>
/// <param name="ToolName">The qualified tool, <c>server.tool</c>.</param>
/// <param name="Decision"><c>allow</c>, <c>deny</c> or <c>approve</c>.</param>
/// <param name="PolicyRuleMatched">The rule that decided; absent: the default did, or none was asked.</param>
/// <param name="Reason">Why, from the policy language's closed list.</param>
/// <param name="Message">Why, for people; absent once it was erased.</param>
/// <param name="Source"><c>enforced</c>: decided by MCPShield; <c>reported</c>: told by a client.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="KeyId">The key that was used.</param>
/// <param name="Status">How the call ended; absent: it was not forwarded, or has not ended.</param>
/// <param name="DurationMs">Milliseconds from forwarding to the end.</param>
/// <param name="Mode"><c>shadow</c>: only put on record, not enforced; absent: enforced.</param>
/// <param name="Action">What a person did, for instance <c>project.created</c>.</param>
/// <param name="Actor"><c>user</c>, <c>operator</c> or <c>system</c>.</param>
/// <param name="ActorUserId">The user, where one acted.</param>
/// <param name="TargetType">What it was done to.</param>
/// <param name="TargetId">Which one.</param>
/// <param name="RequestMetadata">How the request came.</param>
public sealed record AuditResponse(
    Guid Id, string Kind, DateTimeOffset Timestamp, Guid? ProjectId, string? ToolName, string? Decision, string? PolicyRuleMatched, string? Reason, string? Message, string? Source,
    string? Agent, string? KeyId, string? Status, double? DurationMs, string? Mode, string? Action, string? Actor, Guid? ActorUserId, string? TargetType, string? TargetId, AuditRequestMetadata RequestMetadata);

/// <summary>How a request came.</summary>
/// <param name="Method">The JSON-RPC method, or <c>policy/evaluate</c>.</param>
/// <param name="ClientIp">The caller's address; absent once it was erased.</param>
/// <param name="Codes">What was met on the way, as codes.</param>
/// <param name="Shadow">Rules in shadow that matched, and what they would have decided: <c>rule: deny</c>.</param>
public sealed record AuditRequestMetadata(string? Method, string? ClientIp, IReadOnlyList<string> Codes, IReadOnlyList<string> Shadow);

/// <summary>Everything on record about one call or action.</summary>
/// <param name="Entry">As lists show it.</param>
/// <param name="Envelope">The record as it is chained.</param>
/// <param name="Payload">Arguments after redaction, details, or what an action changed; absent once it was erased.</param>
/// <param name="Outcome">The outcome's record; absent: there is none.</param>
/// <param name="OutcomePayload">What went wrong, where something did.</param>
/// <param name="Chain">Where the record stands in the tamper-evident chain.</param>
public sealed record AuditStoryResponse(AuditResponse Entry, JsonElement Envelope, JsonElement? Payload, JsonElement? Outcome, JsonElement? OutcomePayload, AuditChainPlace Chain);

/// <summary>A place in the chain.</summary>
/// <param name="Stream">The stream: what one process wrote.</param>
/// <param name="Seq">The place there, from 1 without gaps.</param>
/// <param name="Link">SHA-256 over everything up to it, as hexadecimal digits.</param>
public sealed record AuditChainPlace(Guid Stream, long Seq, string Link);

/// <summary>What came of checking the chain.</summary>
/// <param name="Holds">Whether every record is as it was written, in its place.</param>
/// <param name="Streams">Streams looked at.</param>
/// <param name="Records">Records of the organization that were checked.</param>
/// <param name="Fault">The first that does not hold.</param>
/// <param name="Unsealed">Streams whose end is not on record: a process still writes there, or ended without a word. No fault.</param>
public sealed record AuditVerificationResponse(bool Holds, int Streams, long Records, AuditFault? Fault, int Unsealed = 0);

/// <summary>Where the chain does not hold.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">The place.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record AuditFault(Guid Stream, long Seq, string Problem);

/// <summary>The shapes of audits as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditResponse))]
[JsonSerializable(typeof(Page<AuditResponse>))]
[JsonSerializable(typeof(AuditStoryResponse))]
[JsonSerializable(typeof(AuditVerificationResponse))]
public sealed partial class AuditsJson : JsonSerializerContext;
