using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>A policy text, to be put in force.</summary>
/// <param name="PolicyYaml">The whole policy.</param>
/// <param name="Reason">Why, for the history; up to 500 characters.</param>
public sealed record PutPolicyRequest(
    [property: Required, StringLength(1_000_000)] string PolicyYaml,
    [property: StringLength(500)] string? Reason = null);

/// <summary>Asks for an earlier version to be put in force again.</summary>
/// <param name="Reason">Why, for the history; absent: that it was restored.</param>
public sealed record RestorePolicyRequest([property: StringLength(500)] string? Reason = null);

/// <summary>A policy text, to be looked at.</summary>
/// <param name="PolicyYaml">The whole policy.</param>
public sealed record PolicyTextRequest([property: Required, StringLength(1_000_000)] string PolicyYaml);

/// <summary>The policy of a project, as it is in force.</summary>
/// <param name="PolicyYaml">The text.</param>
/// <param name="Version">Counts from 1; the answer's <c>ETag</c> is <c>"v"</c> and this number.</param>
/// <param name="Hash">SHA-256 of the text, as audits name it.</param>
/// <param name="UpdatedAt">Since when it is in force.</param>
/// <param name="Author">Who put it in force.</param>
/// <param name="Reason">Why.</param>
/// <param name="Diagnostics">What there is to say about it; only in answers to a change.</param>
public sealed record PolicyResponse(string PolicyYaml, int Version, string Hash, DateTimeOffset UpdatedAt, string Author, string? Reason = null, IReadOnlyList<PolicyDiagnostic>? Diagnostics = null);

/// <summary>The policy of a key's project, for gateways that keep a copy.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="PolicyYaml">The text.</param>
/// <param name="Version">Counts from 1.</param>
/// <param name="Hash">SHA-256 of the text, as audits name it.</param>
/// <param name="Environment"><c>dev</c>, <c>staging</c> or <c>prod</c>, as conditions see it.</param>
public sealed record GatewayPolicyResponse(Guid ProjectId, string PolicyYaml, int Version, string Hash, string Environment);

/// <summary>Something to say about a place in a policy.</summary>
/// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 code units.</param>
/// <param name="Code">Stable.</param>
/// <param name="Message">A sentence: lower case, no final stop.</param>
/// <param name="Hint">How to mend it.</param>
public sealed record PolicyDiagnostic(string Severity, int Line, int Column, string Code, string Message, string? Hint = null);

/// <summary>What there is to say about a policy text.</summary>
/// <param name="Valid">Whether it could be put in force.</param>
/// <param name="Diagnostics">Errors, warnings, and what is allowed and probably not meant; in the order of the text.</param>
public sealed record PolicyValidationResponse(bool Valid, IReadOnlyList<PolicyDiagnostic> Diagnostics);

/// <summary>A version of a policy in the history.</summary>
/// <param name="Version">Counts from 1.</param>
/// <param name="Hash">SHA-256 of the text, as audits name it.</param>
/// <param name="Author">Who put it in force.</param>
/// <param name="Reason">Why.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="IsCurrent">Whether it is in force.</param>
public sealed record PolicyVersionSummary(int Version, string Hash, string Author, string? Reason, DateTimeOffset CreatedAt, bool IsCurrent);

/// <summary>A version of a policy, and what it changed.</summary>
/// <param name="Version">Counts from 1.</param>
/// <param name="Hash">SHA-256 of the text, as audits name it.</param>
/// <param name="Author">Who put it in force.</param>
/// <param name="Reason">Why.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="IsCurrent">Whether it is in force.</param>
/// <param name="PolicyYaml">The text.</param>
/// <param name="Change">Compared with the version before: <c>equivalent</c>, <c>stricter</c>, <c>more_permissive</c> or <c>incomparable</c>; absent: there is none before, or the comparison took too long.</param>
/// <param name="Proved">Whether that is proved; else a difference may have been missed.</param>
/// <param name="Diff">The lines that differ from the version before, as unified diff; empty when there is none before.</param>
public sealed record PolicyVersionResponse(
    int Version, string Hash, string Author, string? Reason, DateTimeOffset CreatedAt, bool IsCurrent, string PolicyYaml, string? Change, bool? Proved, IReadOnlyList<string> Diff);

/// <summary>What a draft would change.</summary>
/// <param name="AgainstVersion">The version in force that it was compared with.</param>
/// <param name="Change"><c>equivalent</c>, <c>stricter</c>, <c>more_permissive</c> or <c>incomparable</c>.</param>
/// <param name="Proved">Whether the calls tried were all that matter; else a difference may have been missed.</param>
/// <param name="Unproved">What was not covered, in sentences.</param>
/// <param name="Witnesses">One call for each pair of rules that decide differently.</param>
/// <param name="OtherDuties">Rules that decide as before and ask for something else beside it (limits, filters, labels …).</param>
public sealed record PolicyDiffResponse(int AgainstVersion, string Change, bool Proved, IReadOnlyList<string> Unproved, IReadOnlyList<PolicyWitness> Witnesses, IReadOnlyList<string> OtherDuties);

/// <summary>A call that two policies decide differently.</summary>
/// <param name="Call">The call.</param>
/// <param name="MorePermissive">Whether the draft lets more through.</param>
/// <param name="Before">What the policy in force decides.</param>
/// <param name="After">What the draft decides.</param>
public sealed record PolicyWitness(PolicyCall Call, bool MorePermissive, ExplainedDecision Before, ExplainedDecision After);

/// <summary>The shapes of policies as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PutPolicyRequest))]
[JsonSerializable(typeof(RestorePolicyRequest))]
[JsonSerializable(typeof(PolicyTextRequest))]
[JsonSerializable(typeof(PolicyResponse))]
[JsonSerializable(typeof(GatewayPolicyResponse))]
[JsonSerializable(typeof(PolicyDiagnostic[]))]
[JsonSerializable(typeof(PolicyValidationResponse))]
[JsonSerializable(typeof(PolicyVersionResponse))]
[JsonSerializable(typeof(Page<PolicyVersionSummary>))]
[JsonSerializable(typeof(PolicyDiffResponse))]
[JsonSerializable(typeof(TryPolicyRequest))]
[JsonSerializable(typeof(SimulatePolicyRequest))]
[JsonSerializable(typeof(SimulationResponse))]
[JsonSerializable(typeof(ExplainedDecision))]
public sealed partial class PoliciesJson : JsonSerializerContext;
