using System.Collections.Immutable;
using McpShield.Policy.Limits;
using McpShield.Policy.Redaction;

namespace McpShield.Policy.Evaluation;

/// <summary>Something the enforcement point must also do. A family of records; an obligation that a host does not know is a refusal.</summary>
public abstract record Obligation;

/// <summary>The call counts against a rate limit before it may happen.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Counter">Which counter: the rule's parts with their values. It holds no key, only its identifier.</param>
public sealed record RateLimitObligation(RateLimit Limit, string Counter) : Obligation;

/// <summary>Sensitive data is taken out of the arguments before the call happens, and out of the answer before the agent sees it.</summary>
/// <param name="Filters">The filters.</param>
public sealed record FilterObligation(RuleFilters Filters) : Obligation;

/// <summary>A person has to agree before the call happens.</summary>
/// <param name="Approvers">Who may: <c>role:NAME</c>, <c>user:NAME</c>; empty: whoever manages the key.</param>
/// <param name="TimeToLive">How long an answer is waited for, 10 seconds to 7 days; after that it is a no.</param>
public sealed record ApprovalObligation(ImmutableArray<string> Approvers, TimeSpan TimeToLive) : Obligation;

/// <summary>An answer longer than this is refused whole: half a document helps nobody.</summary>
/// <param name="MaxBytes">Bytes of the result as JSON.</param>
public sealed record ResultSizeObligation(int MaxBytes) : Obligation;

/// <summary>When the call has succeeded, the session gathers these labels, before any part of the answer is released.</summary>
/// <param name="Labels">The labels.</param>
public sealed record LabelObligation(ImmutableArray<string> Labels) : Obligation;
