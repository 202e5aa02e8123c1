using System.Collections.Immutable;

namespace McpShield.Policy.Evaluation;

/// <summary>What the enforcement point must do. <c>Deny</c> is zero: an answer nobody gave must not open a door.</summary>
public enum Outcome
{
    /// <summary>The call must not happen.</summary>
    Deny,

    /// <summary>The call may happen, once its obligations are met.</summary>
    Allow,

    /// <summary>The call may happen after a person has agreed to it.</summary>
    Approve,
}

/// <summary>Why a decision came out as it did: a closed list (policy language, section 2).</summary>
public enum Reason
{
    /// <summary>Something failed while deciding. Zero: a reason nobody gave is a failure.</summary>
    EvaluationError,

    /// <summary>A rule decided.</summary>
    Rule,

    /// <summary>No rule matched; the policy's default decided.</summary>
    Default,

    /// <summary>The request is not one that can be decided (section 3).</summary>
    InvalidRequest,

    /// <summary>No server offers this tool.</summary>
    UnknownTool,

    /// <summary>The tool's definition is not the one that was approved.</summary>
    ToolChanged,

    /// <summary>A rate limit is used up.</summary>
    RateLimited,

    /// <summary>A filter found something that must not pass.</summary>
    FilterBlocked,

    /// <summary>A person has to agree first.</summary>
    ApprovalRequired,

    /// <summary>A person said no.</summary>
    ApprovalDenied,

    /// <summary>Nobody answered in time, or the approval was used.</summary>
    ApprovalExpired,

    /// <summary>The plan's quota is used up.</summary>
    QuotaExceeded,

    /// <summary>The decision could not be put on record, so nothing may happen.</summary>
    AuditUnavailable,

    /// <summary>An upstream server asked for something of the agent that the policy does not let it ask.</summary>
    ServerRequestDenied,
}

/// <summary>What exactly was wrong, as a stable code (policy language, section 2).</summary>
public enum DetailCode
{
    /// <summary>A value is there but not of the type the condition reads.</summary>
    WrongType,

    /// <summary>A path has no canonical form.</summary>
    NotCanonicalPath,

    /// <summary>A URL has no canonical form.</summary>
    NotCanonicalUrl,

    /// <summary>A path lies outside every prefix.</summary>
    OutsidePrefix,

    /// <summary>A host matches no listed domain.</summary>
    DomainNotListed,

    /// <summary>An address lies in no listed range.</summary>
    IpNotListed,

    /// <summary>A scheme is not listed.</summary>
    SchemeNotListed,

    /// <summary>A port is not listed.</summary>
    PortNotListed,

    /// <summary>A required parameter is absent.</summary>
    ParameterMissing,

    /// <summary>A parameter's value is not among those allowed.</summary>
    ParameterValue,

    /// <summary>A parameter that the rule does not know.</summary>
    ParameterExtra,

    /// <summary>A statement was not completely understood.</summary>
    StatementUnsupported,

    /// <summary>A statement was understood, and is not permitted.</summary>
    StatementDenied,

    /// <summary>The principal is not among those named.</summary>
    Principal,

    /// <summary>The moment lies outside the times named, or is unknown.</summary>
    Time,

    /// <summary>A session label forbids, or is missing.</summary>
    Label,

    /// <summary>Too large.</summary>
    Size,

    /// <summary>The arguments do not fit the tool's schema, or the request is not valid.</summary>
    Schema,

    /// <summary>Looking at the value took too long.</summary>
    TimeOut,
}

/// <summary>One thing that was met on the way to a decision.</summary>
/// <param name="Code">What it is.</param>
/// <param name="Message">A sentence for people: lower case, no final stop. It never repeats a value of the arguments.</param>
/// <param name="Pointer">Where in the arguments, as a JSON Pointer (RFC 6901); <c>null</c> when it is about no single value.</param>
/// <param name="Position">UTF-16 offset of the token in a statement; <c>null</c> when there is none.</param>
/// <param name="Rule">The rule whose condition met it; <c>null</c> when no rule did.</param>
public sealed record DecisionDetail(DetailCode Code, string Message, string? Pointer = null, int? Position = null, string? Rule = null);

/// <summary>The answer, complete enough to explain itself in an audit.</summary>
public sealed record Decision
{
    /// <summary>What to do.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The rule that decided, or <c>null</c> when none did.</summary>
    public string? Rule { get; init; }

    /// <summary>Why.</summary>
    public required Reason Reason { get; init; }

    /// <summary>Why, as a sentence for people. It holds no argument values.</summary>
    public required string Message { get; init; }

    /// <summary>What was met on the way, errors among it, in the order met.</summary>
    public ImmutableArray<DecisionDetail> Details { get; init; } = [];

    /// <summary>Shadow rules that matched on the way, and what they would have decided; the first of them is what the call would have met.</summary>
    public ImmutableArray<ShadowMatch> Shadows { get; init; } = [];

    /// <summary>What must also be done.</summary>
    public ImmutableArray<Obligation> Obligations { get; init; } = [];

    /// <summary>Each rule looked at, each condition with its value.</summary>
    public DecisionTrace Trace { get; init; } = DecisionTrace.Empty;
}

/// <summary>A rule in shadow that matched.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Outcome">What it would have decided.</param>
public sealed record ShadowMatch(string Rule, Outcome Outcome);

/// <summary>The way to a decision.</summary>
/// <param name="Rules">Rules whose tool pattern matched, in order, up to the one that decided.</param>
public sealed record DecisionTrace(ImmutableArray<RuleTrace> Rules)
{
    /// <summary>Nothing was looked at.</summary>
    public static DecisionTrace Empty { get; } = new([]);
}

/// <summary>One rule that was looked at.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Outcome">What it would decide.</param>
/// <param name="Matched">Whether it decided.</param>
/// <param name="Conditions">Its conditions, in order; empty when it has none.</param>
public sealed record RuleTrace(string Rule, Outcome Outcome, bool Matched, ImmutableArray<ConditionTrace> Conditions);

/// <summary>One condition that was looked at.</summary>
/// <param name="Condition">Its key in the policy.</param>
/// <param name="Value">What it came to.</param>
/// <param name="Details">Why, value by value.</param>
/// <param name="Notes">What the condition cannot see, for instance <c>symlinks: not_checked</c>.</param>
public sealed record ConditionTrace(string Condition, Truth Value, ImmutableArray<DecisionDetail> Details, ImmutableArray<string> Notes);

/// <summary>Kleene's third value is an error: something could not be judged.</summary>
public enum Truth
{
    /// <summary>Could not be judged. Zero: a condition nobody evaluated is an error.</summary>
    Error,

    /// <summary>Does not hold.</summary>
    False,

    /// <summary>Holds.</summary>
    True,
}
