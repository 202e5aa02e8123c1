using System.Collections.Immutable;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Redaction;

/// <summary>Reads <c>filters</c>: of a policy, which defines them, and of a rule, which names them.</summary>
internal static class FilterReader
{
    public static Shape Shape { get; } = new NamesShape("`filters`", Shape.Map(
        "a filter",
        new("detectors", Shape.Words([.. DetectorTable.Words]), "What is looked for; `secrets` and `pii` stand for all of their kind.") { IsRequired = true, MissingHint = "write for instance `detectors: [card, email]`" },
        new("action", Shape.Word(FilterWords.Actions), "What happens to what is found; default mask.")));

    public static Shape RuleShape { get; } = Shape.Map(
        "`filters` of a rule",
        new("arguments", Shape.Texts, "Filters that run over the arguments before the call is forwarded."),
        new("results", Shape.Texts, "Filters that run over the answer before the agent sees it."));

    /// <summary>The filters that a policy defines, by name.</summary>
    public static IReadOnlyDictionary<string, Filter> Read(YamlNode? node, Diagnostics diagnostics)
    {
        var filters = new Dictionary<string, Filter>(StringComparer.Ordinal);
        foreach (var (key, value) in (node as YamlMap)?.Entries ?? [])
        {
            if (key.Text.Length == 0) diagnostics.Error("empty-value", "a filter needs a name", key);
            else if (Filter.Groups.Contains(key.Text, StringComparer.Ordinal)) diagnostics.Error("filter-name", $"`{key.Text}` is a group of detectors, and means all of them masked", key, "give the filter another name");
            else if (value is YamlMap map && NodeReader.Texts(map.Find("detectors")) is { } detectors)
            {
                var action = map.Find("action") is { } given ? FilterWords.Action(NodeReader.Text(given) ?? "") : FilterAction.Mask;
                if (Filter.Of(key.Text, detectors.Select(static one => one.Text), action ?? FilterAction.Block, out _) is { } filter) filters[key.Text] = filter;
            }
        }

        return filters;
    }

    /// <summary>The filters that a rule names.</summary>
    public static RuleFilters ReadRule(YamlNode? node, IReadOnlyDictionary<string, Filter> defined, Diagnostics diagnostics) => node is YamlMap map
        ? new(ReadNames(map.Find("arguments"), defined, diagnostics), ReadNames(map.Find("results"), defined, diagnostics))
        : RuleFilters.None;

    private static ImmutableArray<Filter> ReadNames(YamlNode? node, IReadOnlyDictionary<string, Filter> defined, Diagnostics diagnostics)
    {
        var filters = ImmutableArray.CreateBuilder<Filter>();
        foreach (var (name, at) in NodeReader.Texts(node) ?? [])
        {
            if (defined.TryGetValue(name, out var filter)) filters.Add(filter);
            else if (Filter.Groups.Contains(name, StringComparer.Ordinal)) filters.Add(Filter.OfGroup(name));
            else
            {
                var isDetector = DetectorTable.All.Any(detector => detector.Name == name);
                diagnostics.Error("unknown-filter", $"`{name}` is not a filter of this policy", at, isDetector
                    ? $"`{name}` is a detector; define a filter with it under `filters` of the policy"
                    : Words.DidYouMean(name, [.. defined.Keys, .. Filter.Groups]) ?? "define it under `filters` of the policy, or name `secrets` or `pii`");
            }
        }

        return filters.ToImmutable();
    }
}
