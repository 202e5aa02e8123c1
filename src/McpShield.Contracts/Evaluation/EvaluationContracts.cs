using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>Asks for a decision on a call that the asker carries out itself.</summary>
/// <param name="Tool">The qualified tool name, as the policy writes it: <c>server.tool</c>.</param>
/// <param name="Arguments">The call's arguments, a JSON object; absent: none. They are read as they stand: a name that stands twice is a deny.</param>
/// <param name="Session">Your own name for the session, up to 128 characters: labels and counts gather under it, for half an hour after its last use, and for your key only. Absent: the key's own session.</param>
public sealed record EvaluateRequest(string Tool, JsonElement? Arguments = null, string? Session = null);

/// <summary>A decision, on record before it is sent.</summary>
/// <param name="Decision"><c>allow</c>, <c>deny</c> or <c>approve</c>. Only <c>allow</c> lets the call happen.</param>
/// <param name="Rule">The rule that decided; absent: none did.</param>
/// <param name="Reason">Why, from a closed list: <c>rule</c>, <c>default</c>, <c>invalid_request</c>, <c>rate_limited</c>, <c>filter_blocked</c>, <c>approval_required</c>, <c>quota_exceeded</c>, <c>audit_unavailable</c>, <c>evaluation_error</c>.</param>
/// <param name="Message">Why, in words. It holds no value of the arguments.</param>
/// <param name="Details">What was met on the way.</param>
/// <param name="Obligations">What must also be done by whoever carries the call out.</param>
/// <param name="DecisionId">Names the decision in the audit log, and in <c>decision_id</c> of <c>POST /events/ingest</c>.</param>
/// <param name="Arguments">What to call with instead, when the policy's filters took something out of the arguments; absent: they go as they are.</param>
/// <param name="Mode"><c>shadow</c> when the policy is only tried: the decision is what it would be, and nobody need obey it; absent: it is in force.</param>
public sealed record EvaluateResponse(
    string Decision,
    string? Rule,
    string Reason,
    string Message,
    IReadOnlyList<EvaluationDetail> Details,
    IReadOnlyList<EvaluationObligation> Obligations,
    Guid DecisionId,
    JsonElement? Arguments = null,
    string? Mode = null);

/// <summary>Something that was met on the way to a decision.</summary>
/// <param name="Code">What, from a closed list, for instance <c>outside_prefix</c>.</param>
/// <param name="Message">In words, without a value of the arguments.</param>
/// <param name="Pointer">Where in the arguments (JSON Pointer).</param>
/// <param name="Position">Where in a statement.</param>
/// <param name="Rule">The rule whose condition met it.</param>
public sealed record EvaluationDetail(string Code, string Message, string? Pointer = null, int? Position = null, string? Rule = null);

/// <summary>What must also be done.</summary>
/// <param name="Type"><c>approval</c>, <c>max_result_bytes</c>, <c>labels</c> or <c>filter_results</c>. Whoever does not know a type must not make the call.</param>
/// <param name="Approvers">For <c>approval</c>: who may agree.</param>
/// <param name="TtlSeconds">For <c>approval</c>: how long an answer is waited for.</param>
/// <param name="MaxResultBytes">For <c>max_result_bytes</c>: a longer answer is to be refused whole.</param>
/// <param name="Labels">For <c>labels</c>: what the session has gathered by this call.</param>
/// <param name="Filters">For <c>filter_results</c>: what to take out of the answer.</param>
public sealed record EvaluationObligation(
    string Type, IReadOnlyList<string>? Approvers = null, long? TtlSeconds = null, int? MaxResultBytes = null, IReadOnlyList<string>? Labels = null, IReadOnlyList<EvaluationFilter>? Filters = null);

/// <summary>A filter of answers.</summary>
/// <param name="Name">Its name in the policy.</param>
/// <param name="Action">What becomes of a finding.</param>
/// <param name="Detectors">What it looks for.</param>
public sealed record EvaluationFilter(string Name, string Action, IReadOnlyList<string> Detectors);

/// <summary>The shapes of decisions as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluateRequest))]
[JsonSerializable(typeof(EvaluateResponse))]
public sealed partial class EvaluationJson : JsonSerializerContext;
