using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions;

/// <summary>What a path or URL key holds: values alone, or values and the parameters they are about (<c>{params, any_of}</c>).</summary>
internal sealed record Selection(IReadOnlyList<(string Text, YamlNode Node)> Values, IReadOnlyList<ParameterName>? Parameters)
{
    private static readonly string[] Keys = ["params", "any_of"];

    public static Selection? Read(YamlNode node, string what, ConditionScope scope)
    {
        if (node is not YamlMap map) return scope.Read.Texts(node, what) is { } plain ? new(plain, null) : null;

        IReadOnlyList<(string, YamlNode)>? values = null;
        IReadOnlyList<ParameterName>? parameters = null;
        foreach (var (key, value) in map.Entries)
        {
            if (key.Text == "params") parameters = ReadParameters(value, scope);
            else if (key.Text == "any_of") values = scope.Read.Texts(value, $"{what}.any_of");
            else scope.Read.UnknownKey(key, $"`{what}`", Keys);
        }

        foreach (var missing in Keys.Where(key => map.Entries.All(entry => entry.Key.Text != key)))
        {
            scope.Read.Diagnostics.Error("missing-key", $"`{what}` needs `{missing}` when it is a mapping", map);
        }

        return values is not null && parameters is not null ? new(values, parameters) : null;
    }

    private static List<ParameterName>? ReadParameters(YamlNode node, ConditionScope scope)
    {
        if (scope.Read.Texts(node, "params") is not { } texts) return null;
        var names = new List<ParameterName>();
        foreach (var (text, at) in texts)
        {
            if (ParameterName.Parse(text) is { } name) names.Add(name);
            else scope.Read.Diagnostics.Error("pointer", $"`{text}` is not a JSON Pointer", at, "`~` is written `~0` and `/` inside a name `~1`");
        }

        return names.Count == texts.Count ? names : null;
    }
}
