using System.Text;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>Goes through the conditions of rules as they are written and gathers the regions that they tell apart.</summary>
internal sealed class DimensionBuilder
{
    private readonly PathRegions paths = new();
    private readonly UrlRegions urls = new();
    private readonly ParameterRegions parameters = new();
    private readonly ContextRegions context = new();
    private readonly HashSet<string> unproved = new(StringComparer.Ordinal);

    public static DimensionSet Of(IEnumerable<(Rule Rule, PolicySettings Settings)> rules)
    {
        var builder = new DimensionBuilder();
        foreach (var (rule, settings) in rules)
        {
            if (rule.Node?.Find("conditions") is YamlMap block) builder.Block(block, settings);
        }

        return builder.Build();
    }

    private void Block(YamlMap block, PolicySettings settings)
    {
        var test = block.Entries.Where(static entry => UrlConditionReader.Owns(entry.Key.Text)).ToList();
        if (test.Count > 0) urls.CountTest(Text(new YamlMap(test, 1, 1)));
        if (block.Find("blocked_domains") is { } blocked) urls.CountTest("blocked " + Text(blocked));
        foreach (var (key, value) in block.Entries)
        {
            switch (key.Text)
            {
                case "all" or "any" or "not":
                    foreach (var nested in NodeReader.Items(value).OfType<YamlMap>()) Block(nested, settings);
                    break;
                case "path_prefix" or "path_extension" or "path_glob" or "denied_path_glob":
                    paths.Add(key.Text, value, settings);
                    break;
                case "allowed_domains" or "domains" or "blocked_domains" or "allowed_ips" or "allowed_schemes" or "allowed_ports":
                    urls.Add(key.Text, value);
                    break;
                case "parameters":
                    parameters.Add((YamlMap)value);
                    break;
                case "additional_parameters":
                    parameters.HasExtra = true;
                    break;
                case "max_argument_bytes" or "schema":
                    unproved.Add($"`{key.Text}` cannot be told by examples");
                    break;
                default:
                    context.Add(key.Text, value);
                    break;
            }
        }
    }

    private static string Text(YamlNode node) => Encoding.UTF8.GetString(YamlJson.ToBytes(node));

    private DimensionSet Build()
    {
        if (parameters.HasExtra && (paths.IsByName || urls.IsByName)) unproved.Add("a path or URL may also stand in a parameter of another name");

        // An argument with a name of its own test may be a path or URL by that name too: then both kinds of values go there.
        var dimensions = new List<Dimension>();
        dimensions.AddRange(paths.Build(parameters, unproved));
        dimensions.AddRange(urls.Build(parameters, unproved));
        dimensions.AddRange(parameters.Build(unproved));
        dimensions.AddRange(context.Build(unproved));
        return new(dimensions, [.. unproved]);
    }
}
