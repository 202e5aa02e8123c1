using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace McpShield.Contracts;

/// <summary>A call, as a policy sees it.</summary>
/// <param name="Tool">The qualified tool, for instance <c>fs.read_file</c>.</param>
/// <param name="Arguments">The arguments, an object; absent: none.</param>
/// <param name="Context">Who asks, and when; absent: nobody in particular, now.</param>
public sealed record PolicyCall(
    [property: Required, StringLength(256, MinimumLength = 1)] string Tool,
    JsonElement? Arguments = null,
    PolicyCallContext? Context = null);

/// <summary>The circumstances of a call.</summary>
/// <param name="Principal">Who acts.</param>
/// <param name="Session">What the session has gathered.</param>
/// <param name="Time">The moment; absent: now.</param>
/// <param name="ClientIp">The caller's address.</param>
/// <param name="Environment"><c>dev</c>, <c>staging</c> or <c>prod</c>.</param>
public sealed record PolicyCallContext(PolicyCallPrincipal? Principal = null, PolicyCallSession? Session = null, DateTimeOffset? Time = null, string? ClientIp = null, string? Environment = null);

/// <summary>Who acts.</summary>
/// <param name="Agent">The agent's name.</param>
/// <param name="User">The person.</param>
/// <param name="Key">The key's identifier.</param>
/// <param name="Organization">The organization's identifier.</param>
/// <param name="Roles">Roles.</param>
/// <param name="Scopes">Scopes.</param>
public sealed record PolicyCallPrincipal(string? Agent = null, string? User = null, string? Key = null, string? Organization = null, IReadOnlyList<string>? Roles = null, IReadOnlyList<string>? Scopes = null);

/// <summary>What a session has gathered.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Calls">Calls allowed so far, by tool.</param>
public sealed record PolicyCallSession(IReadOnlyList<string>? Labels = null, IReadOnlyDictionary<string, int>? Calls = null);

/// <summary>One call, asked of a policy text: nothing is stored.</summary>
/// <param name="PolicyYaml">The whole policy.</param>
/// <param name="Tool">The qualified tool, for instance <c>fs.read_file</c>.</param>
/// <param name="Arguments">The arguments, an object; absent: none.</param>
/// <param name="Context">Who asks, and when; absent: nobody in particular, now.</param>
public sealed record TryPolicyRequest(
    [property: Required] string PolicyYaml,
    [property: Required, StringLength(256, MinimumLength = 1)] string Tool,
    JsonElement? Arguments = null,
    PolicyCallContext? Context = null);

/// <summary>Runs a draft against calls: those given, or those on record. One of the two.</summary>
/// <param name="PolicyYaml">The draft; absent: the policy in force.</param>
/// <param name="Calls">Calls, at most 1,000.</param>
/// <param name="Recorded">The project's calls of the audit log.</param>
public sealed record SimulatePolicyRequest(
    [property: StringLength(1_000_000)] string? PolicyYaml = null,
    [property: MaxLength(1_000)] IReadOnlyList<PolicyCall>? Calls = null,
    RecordedCalls? Recorded = null);

/// <summary>Which calls of the audit log.</summary>
/// <param name="Days">Of the last so many days, 1 to 365; absent: 7.</param>
/// <param name="Limit">At most so many, the newest, 1 to 1,000; absent: 200.</param>
public sealed record RecordedCalls([property: Range(1, 365)] int? Days = null, [property: Range(1, 1_000)] int? Limit = null);

/// <summary>What came of running a draft.</summary>
/// <param name="Calls">How many calls were asked.</param>
/// <param name="Changed">How many the draft decides otherwise.</param>
/// <param name="MorePermissive">How many of these it lets through, or asks a person about, and the policy in force does not.</param>
/// <param name="Skipped">Calls on record whose arguments are no longer kept.</param>
/// <param name="Items">Each call: given ones in their order, recorded ones newest first.</param>
public sealed record SimulationResponse(int Calls, int Changed, int MorePermissive, int Skipped, IReadOnlyList<SimulatedCall> Items);

/// <summary>A call, by the policy in force and by the draft.</summary>
/// <param name="Call">The call.</param>
/// <param name="CallId">Its id in the audit log, where it comes from there.</param>
/// <param name="Recorded">What was decided then.</param>
/// <param name="Changed">Whether the two decide differently.</param>
/// <param name="Before">By the policy in force.</param>
/// <param name="After">By the draft.</param>
public sealed record SimulatedCall(PolicyCall Call, Guid? CallId, string? Recorded, bool Changed, ExplainedDecision Before, ExplainedDecision After);

/// <summary>A decision that explains itself.</summary>
/// <param name="Decision"><c>allow</c>, <c>deny</c> or <c>approve</c>.</param>
/// <param name="Rule">The rule that decided; absent: none did.</param>
/// <param name="Reason">Why, from the closed list.</param>
/// <param name="Message">Why, for people.</param>
/// <param name="Details">What was met on the way.</param>
/// <param name="Obligations">What would have to be done beside it, by name.</param>
/// <param name="Trace">Each rule looked at; absent where it was not asked for.</param>
public sealed record ExplainedDecision(string Decision, string? Rule, string Reason, string Message, IReadOnlyList<ExplainedDetail> Details, IReadOnlyList<string> Obligations, IReadOnlyList<ExplainedRule>? Trace = null);

/// <summary>Something that was met on the way to a decision.</summary>
/// <param name="Code">What it is.</param>
/// <param name="Message">For people.</param>
/// <param name="Pointer">Where in the arguments, a JSON Pointer.</param>
/// <param name="Position">Where in a statement.</param>
/// <param name="Rule">The rule whose condition met it.</param>
public sealed record ExplainedDetail(string Code, string Message, string? Pointer = null, int? Position = null, string? Rule = null);

/// <summary>A rule that was looked at.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Decision">What it would decide.</param>
/// <param name="Matched">Whether it decided.</param>
/// <param name="Conditions">Its conditions.</param>
public sealed record ExplainedRule(string Rule, string Decision, bool Matched, IReadOnlyList<ExplainedCondition> Conditions);

/// <summary>A condition that was looked at.</summary>
/// <param name="Condition">Its key in the policy.</param>
/// <param name="Value"><c>true</c>, <c>false</c> or <c>error</c>.</param>
/// <param name="Details">Why.</param>
/// <param name="Notes">What it cannot see.</param>
public sealed record ExplainedCondition(string Condition, string Value, IReadOnlyList<ExplainedDetail> Details, IReadOnlyList<string>? Notes = null);
