using System.Collections.Immutable;
using McpShield.Policy.Language;

namespace McpShield.Policy.Redaction;

/// <summary>Reads <c>filters</c>: of a policy, which defines them, and of a rule, which names them.</summary>
internal static class FilterReader
{
    private static readonly string[] FilterKeys = ["detectors", "action"];
    private static readonly string[] RuleKeys = ["arguments", "results"];

    /// <summary>The filters that a policy defines, by name.</summary>
    public static IReadOnlyDictionary<string, Filter> Read(YamlNode node, NodeReader read)
    {
        var filters = new Dictionary<string, Filter>(StringComparer.Ordinal);
        if (read.Map(node, "filters") is not { } map) return filters;
        if (map.Entries.Count == 0) read.Diagnostics.Error("empty-value", "`filters` is empty", node, "remove it, or define a filter");
        foreach (var (key, value) in map.Entries)
        {
            if (key.Text.Length == 0) read.Diagnostics.Error("empty-value", "a filter needs a name", key);
            else if (Filter.Groups.Contains(key.Text, StringComparer.Ordinal)) read.Diagnostics.Error("filter-name", $"`{key.Text}` is a group of detectors, and means all of them masked", key, "give the filter another name");
            else if (ReadFilter(key.Text, value, read) is { } filter) filters[key.Text] = filter;
        }

        return filters;
    }

    /// <summary>The filters that a rule names; <c>null</c> when something is wrong with them.</summary>
    public static RuleFilters? ReadRule(YamlNode node, IReadOnlyDictionary<string, Filter> defined, NodeReader read)
    {
        if (read.Map(node, "filters") is not { } map) return null;
        if (map.Entries.Count == 0) read.Diagnostics.Error("empty-value", "`filters` is empty", node, "name `arguments`, `results` or both");
        ImmutableArray<Filter>? arguments = [], results = [];
        foreach (var (key, value) in map.Entries)
        {
            if (key.Text == "arguments") arguments = ReadNames(value, "arguments", defined, read);
            else if (key.Text == "results") results = ReadNames(value, "results", defined, read);
            else read.UnknownKey(key, "`filters` of a rule", RuleKeys);
        }

        return arguments is { } before && results is { } after ? new(before, after) : null;
    }

    private static Filter? ReadFilter(string name, YamlNode node, NodeReader read)
    {
        if (read.Map(node, name) is not { } map) return null;
        IReadOnlyList<(string Text, YamlNode Node)>? detectors = null;
        FilterAction? action = FilterAction.Mask;
        var isGiven = false;
        foreach (var (key, value) in map.Entries)
        {
            switch (key.Text)
            {
                case "detectors":
                    isGiven = true;
                    detectors = read.Texts(value, "detectors");
                    break;
                case "action":
                    action = read.Word(value, "action", FilterWords.Actions) is { } word ? FilterWords.Action(word) : null;
                    break;
                default:
                    read.UnknownKey(key, $"the filter `{name}`", FilterKeys);
                    break;
            }
        }

        if (!isGiven) read.Diagnostics.Error("missing-key", $"the filter `{name}` needs `detectors`", map, "write for instance `detectors: [card, email]`");
        if (detectors is null) return null;
        var unknown = detectors.Where(static one => DetectorTable.Named(one.Text).Count == 0).ToList();
        foreach (var (text, at) in unknown) read.Diagnostics.Error("unknown-detector", $"`{text}` is not a detector", at, FilterWords.HintForDetector(text));
        return unknown.Count > 0 || action is null ? null : Filter.Of(name, detectors.Select(static one => one.Text), action.Value, out _);
    }

    private static ImmutableArray<Filter>? ReadNames(YamlNode node, string what, IReadOnlyDictionary<string, Filter> defined, NodeReader read)
    {
        if (read.Texts(node, what) is not { } names) return null;
        var filters = ImmutableArray.CreateBuilder<Filter>(names.Count);
        var isComplete = true;
        foreach (var (name, at) in names)
        {
            if (Filter.Groups.Contains(name, StringComparer.Ordinal)) filters.Add(Filter.OfGroup(name));
            else if (defined.TryGetValue(name, out var filter)) filters.Add(filter);
            else
            {
                isComplete = false;
                var isDetector = DetectorTable.All.Any(detector => detector.Name == name);
                read.Diagnostics.Error("unknown-filter", $"`{name}` is not a filter of this policy", at, isDetector
                    ? $"`{name}` is a detector; define a filter with it under `filters` of the policy"
                    : Words.DidYouMean(name, [.. defined.Keys, .. Filter.Groups]) ?? "define it under `filters` of the policy, or name `secrets` or `pii`");
            }
        }

        return isComplete ? filters.ToImmutable() : null;
    }
}
