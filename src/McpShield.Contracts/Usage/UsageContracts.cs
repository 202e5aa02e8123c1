using System.Text.Json.Serialization;

namespace McpShield.Contracts;

/// <summary>What an organization used over some days.</summary>
/// <param name="From">The first day (UTC).</param>
/// <param name="To">The last day, today.</param>
/// <param name="By"><c>day</c>, <c>week</c> (from Monday) or <c>month</c>: what an entry of <paramref name="Series"/> stands for.</param>
/// <param name="Total">All events of these days.</param>
/// <param name="Series">Without gaps: what had no events is there with zeros.</param>
/// <param name="Decisions">By decision.</param>
/// <param name="Sources">By who decided.</param>
/// <param name="Projects">By project, most events first.</param>
/// <param name="Tools">The 20 tools with the most events.</param>
/// <param name="Infrastructure">Events of database connections; they are in all other numbers too.</param>
/// <param name="Month">Where this month stands against the plan.</param>
/// <param name="Ai">The assistant.</param>
public sealed record UsageSummaryResponse(
    DateOnly From,
    DateOnly To,
    string By,
    long Total,
    IReadOnlyList<UsageBucket> Series,
    UsageDecisions Decisions,
    UsageSources Sources,
    IReadOnlyList<UsageOfProject> Projects,
    IReadOnlyList<UsageOfTool> Tools,
    long Infrastructure,
    UsageMonth Month,
    UsageOfAi Ai);

/// <summary>What an organization used in a calendar month (UTC).</summary>
/// <param name="Year">The year.</param>
/// <param name="Month">The month, 1 to 12.</param>
/// <param name="Usage">Where the month stands against the plan.</param>
/// <param name="Total">All events of its days. A client may report an event later than it happened: then it counts in <paramref name="Usage"/> of a later month.</param>
/// <param name="Series">Day by day, without gaps.</param>
/// <param name="Decisions">By decision.</param>
/// <param name="Sources">By who decided.</param>
/// <param name="Projects">By project, most events first.</param>
/// <param name="Tools">The 20 tools with the most events.</param>
/// <param name="Infrastructure">Events of database connections; they are in all other numbers too.</param>
/// <param name="Ai">The assistant.</param>
public sealed record UsageMonthlyResponse(
    int Year,
    int Month,
    UsageMonth Usage,
    long Total,
    IReadOnlyList<UsageBucket> Series,
    UsageDecisions Decisions,
    UsageSources Sources,
    IReadOnlyList<UsageOfProject> Projects,
    IReadOnlyList<UsageOfTool> Tools,
    long Infrastructure,
    UsageOfAi Ai);

/// <summary>The events of a day, a week or a month.</summary>
/// <param name="From">Its first day.</param>
/// <param name="Total">All of them.</param>
/// <param name="Allow">Allowed.</param>
/// <param name="Deny">Denied.</param>
/// <param name="Approve">Waiting for a person.</param>
/// <param name="Other">Without a decision.</param>
/// <param name="Infrastructure">Of database connections, among all.</param>
public sealed record UsageBucket(DateOnly From, long Total, long Allow, long Deny, long Approve, long Other, long Infrastructure);

/// <summary>Events by decision.</summary>
/// <param name="Allow">Allowed.</param>
/// <param name="Deny">Denied.</param>
/// <param name="Approve">Waiting for a person.</param>
/// <param name="Other">Without a decision.</param>
public sealed record UsageDecisions(long Allow, long Deny, long Approve, long Other);

/// <summary>Events by who decided.</summary>
/// <param name="Enforced">We did, and the call obeyed.</param>
/// <param name="Reported">A client told us.</param>
public sealed record UsageSources(long Enforced, long Reported);

/// <summary>Events of a project.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Name">Its name; absent: it was deleted, and its counts stay.</param>
/// <param name="EventCount">Its events.</param>
public sealed record UsageOfProject(Guid ProjectId, string? Name, long EventCount);

/// <summary>Events of a tool.</summary>
/// <param name="ToolName">The tool; empty: events that name none.</param>
/// <param name="EventCount">Its events.</param>
/// <param name="Denied">Those that were denied.</param>
public sealed record UsageOfTool(string ToolName, long EventCount, long Denied);

/// <summary>A month against the plan's limit.</summary>
/// <param name="Month">The calendar month (UTC), for instance <c>2026-11</c>.</param>
/// <param name="EventCount">Events counted in it.</param>
/// <param name="Limit">What the plan includes; absent: no limit.</param>
/// <param name="Percent">How much of it is used; absent where there is no limit.</param>
/// <param name="ResetsAt">When the next month begins.</param>
/// <param name="Plan">The plan's code.</param>
/// <param name="PastLimit">What happens beyond the limit: <c>refuse</c>, <c>warn</c> or <c>bill</c>.</param>
/// <param name="LimitReachedOn">The day on which the limit is reached at this month's pace, or was; absent: not in this month.</param>
public sealed record UsageMonth(string Month, long EventCount, long? Limit, double? Percent, DateTimeOffset ResetsAt, string Plan, string PastLimit, DateOnly? LimitReachedOn = null);

/// <summary>Generations of the assistant.</summary>
/// <param name="Generations">How many, in the time asked for.</param>
/// <param name="PromptTokens">Tokens read.</param>
/// <param name="CompletionTokens">Tokens written.</param>
/// <param name="Limit">Generations a month that the plan includes; absent: no limit.</param>
public sealed record UsageOfAi(int Generations, long PromptTokens, long CompletionTokens, int? Limit);

/// <summary>The shapes of usage as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UsageSummaryResponse))]
[JsonSerializable(typeof(UsageMonthlyResponse))]
public sealed partial class UsageJson : JsonSerializerContext;
