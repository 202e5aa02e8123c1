using System.Collections.Immutable;

namespace McpShield.Policy.Redaction;

/// <summary>What happens to a value that a filter finds. Zero is the strictest: an action nobody chose lets nothing through.</summary>
public enum FilterAction
{
    /// <summary>Nothing of the message passes.</summary>
    Block,

    /// <summary>The value is cut out.</summary>
    Remove,

    /// <summary>The value gives way to a keyed hash, the same for the same value under the same key.</summary>
    Hash,

    /// <summary>The value gives way to the detector's name and, where harmless, its last four characters.</summary>
    Mask,

    /// <summary>The text stays as it is; the finding is reported.</summary>
    Tag,
}

/// <summary>Detectors and what to do with what they find.</summary>
/// <param name="Name">How a policy calls it; also the tag it leaves.</param>
/// <param name="Detectors">Names of detectors, groups resolved, each once, in the order of the table.</param>
/// <param name="Action">What to do. A private key is blocked whatever stands here.</param>
public sealed record Filter(string Name, ImmutableArray<string> Detectors, FilterAction Action)
{
    /// <summary>The groups that stand for all detectors of their kind.</summary>
    public static ImmutableArray<string> Groups { get; } = ["secrets", "pii"];

    /// <summary>Every detector, in the order of the table.</summary>
    public static ImmutableArray<string> AllDetectors { get; } = [.. DetectorTable.All.Select(static detector => detector.Name)];

    /// <summary>A filter of detectors and groups by name; <c>null</c> and the first name nobody knows otherwise.</summary>
    public static Filter? Of(string name, IEnumerable<string> detectors, FilterAction action, out string? unknown)
    {
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        unknown = null;
        foreach (var one in detectors)
        {
            var members = DetectorTable.Named(one);
            if (members.Count == 0)
            {
                unknown = one;
                return null;
            }

            chosen.UnionWith(members);
        }

        return new(name, [.. AllDetectors.Where(chosen.Contains)], action);
    }

    /// <summary>The group <c>secrets</c> or <c>pii</c> as a filter that masks.</summary>
    public static Filter OfGroup(string group) =>
        (Groups.Contains(group, StringComparer.Ordinal) ? Of(group, [group], FilterAction.Mask, out _) : null) ?? throw new ArgumentException("not a group of detectors", nameof(group));
}

/// <summary>The filters of one rule.</summary>
/// <param name="Arguments">What runs over the arguments, before approval and forwarding.</param>
/// <param name="Results">What runs over results and error messages, before they reach the agent.</param>
public sealed record RuleFilters(ImmutableArray<Filter> Arguments, ImmutableArray<Filter> Results)
{
    /// <summary>No filters.</summary>
    public static RuleFilters None { get; } = new([], []);
}
