namespace McpShield.Data.Usage;

/// <summary>What a row of <see cref="UsageDaily"/> counts; whether it is infrastructure, the database knows.</summary>
/// <param name="OrganizationId">The organization.</param>
/// <param name="Day">The day (UTC).</param>
/// <param name="ProjectId">The project.</param>
/// <param name="Tool">The tool; empty: none.</param>
/// <param name="Decision">The decision; empty: none.</param>
/// <param name="Source"><c>enforced</c> or <c>reported</c>.</param>
public readonly record struct UsageKey(Guid OrganizationId, DateOnly Day, Guid ProjectId, string Tool, string Decision, string Source)
{
    /// <summary>The server of the tool: the name up to its first dot; <c>null</c>: the tool has none.</summary>
    public string? Server => Tool.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? Tool[..dot] : null;

    // One order for all writers: of two that count the same rows, one waits for the other, and never each for the other.
    internal static Comparer<UsageKey> Order { get; } = Comparer<UsageKey>.Create(static (one, other) =>
    {
        var order = one.OrganizationId.CompareTo(other.OrganizationId);
        if (order == 0) order = one.Day.CompareTo(other.Day);
        if (order == 0) order = one.ProjectId.CompareTo(other.ProjectId);
        if (order == 0) order = string.CompareOrdinal(one.Tool, other.Tool);
        if (order == 0) order = string.CompareOrdinal(one.Decision, other.Decision);
        return order != 0 ? order : string.CompareOrdinal(one.Source, other.Source);
    });
}

/// <summary>Events on their way into the counters.</summary>
public sealed class UsageTally
{
    private const int ToolMaxLength = 200;

    private readonly SortedDictionary<UsageKey, long> daily = new(UsageKey.Order);
    private readonly SortedDictionary<Guid, long> monthly = [];

    /// <summary>Counts of a day, in the order of their keys.</summary>
    public IReadOnlyDictionary<UsageKey, long> Daily => daily;

    /// <summary>Counts of the month, by organization.</summary>
    public IReadOnlyDictionary<Guid, long> Monthly => monthly;

    /// <summary>Counts one event.</summary>
    public void Add(Guid organization, Guid project, DateTimeOffset time, string? tool, string? decision, string source)
    {
        var name = tool is { Length: > ToolMaxLength } ? tool[..ToolMaxLength] : tool ?? "";
        var key = new UsageKey(organization, DateOnly.FromDateTime(time.UtcDateTime), project, name, decision ?? "", source);
        daily[key] = daily.GetValueOrDefault(key) + 1;
        monthly[organization] = monthly.GetValueOrDefault(organization) + 1;
    }
}
