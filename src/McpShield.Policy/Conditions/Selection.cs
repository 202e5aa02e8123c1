using McpShield.Policy.Language;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Conditions;

/// <summary>What a path or URL key holds: values alone, or values and the parameters they are about (<c>{params, any_of}</c>).</summary>
internal sealed record Selection(IReadOnlyList<YamlNode> Values, IReadOnlyList<ParameterName>? Parameters)
{
    /// <summary>The strings among the values.</summary>
    public IEnumerable<(string Text, YamlNode Node)> Texts => Values.Where(static node => NodeReader.Text(node) is not null).Select(static node => (NodeReader.Text(node)!, node));

    public static Shape ShapeOf(Shape value) => new EitherShape(
        Shape.Map(
            "the mapping",
            new Field("params", Shape.Texts, "The parameters it is about: names, or JSON Pointers (RFC 6901). A named object or list means every leaf in it.") { IsRequired = true },
            new Field("any_of", new ListShape(value), "The values.") { IsRequired = true }),
        new ListShape(value));

    public static Selection? Read(YamlNode node, ConditionScope scope)
    {
        if (node is not YamlMap map) return new(NodeReader.Items(node), null);
        return ReadParameters(map.Find("params"), scope) is { } parameters ? new(NodeReader.Items(map.Find("any_of")), parameters) : null;
    }

    private static List<ParameterName>? ReadParameters(YamlNode? node, ConditionScope scope)
    {
        if (NodeReader.Texts(node) is not { } texts) return null;
        var names = new List<ParameterName>();
        foreach (var (text, at) in texts)
        {
            if (ParameterName.Parse(text) is { } name) names.Add(name);
            else scope.Diagnostics.Error("pointer", $"`{text}` is not a JSON Pointer", at, "`~` is written `~0` and `/` inside a name `~1`");
        }

        return names.Count == texts.Count ? names : null;
    }
}
