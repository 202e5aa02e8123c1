using System.Globalization;

namespace McpShield.Policy.Language;

/// <summary>Typed reading of nodes: each method says what was expected, and answers <c>null</c> when it was not there.</summary>
internal sealed class NodeReader(Diagnostics diagnostics)
{
    public Diagnostics Diagnostics { get; } = diagnostics;

    public YamlMap? Map(YamlNode node, string what)
    {
        if (node is YamlMap map) return map;
        WrongType(node, what, "a mapping");
        return null;
    }

    public string? Text(YamlNode node, string what)
    {
        if (node is not YamlScalar { IsString: true } scalar)
        {
            WrongType(node, what, "a string", node is YamlScalar { IsPlain: true, IsNull: false } ? "put it in quotes" : null);
            return null;
        }

        if (scalar.Text.Length > 0) return scalar.Text;
        Diagnostics.Error("empty-value", $"`{what}` is empty", node);
        return null;
    }

    public bool? Flag(YamlNode node, string what)
    {
        if (node is YamlScalar { IsBoolean: true } scalar) return scalar.Text[0] is 't' or 'T';
        WrongType(node, what, "true or false");
        return null;
    }

    public long? Integer(YamlNode node, string what, long min, long max)
    {
        if (node is not YamlScalar { IsInteger: true } scalar)
        {
            WrongType(node, what, "an integer");
            return null;
        }

        if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max) return value;
        Diagnostics.Error("out-of-range", $"`{what}` must be a decimal integer from {min} to {max}", node);
        return null;
    }

    /// <summary>A list of strings; a single string means a list of one.</summary>
    public IReadOnlyList<(string Text, YamlNode Node)>? Texts(YamlNode node, string what) => Many(node, what, Text);

    public IReadOnlyList<(long Value, YamlNode Node)>? Integers(YamlNode node, string what, long min, long max) =>
        Many(node, what, (item, name) => Integer(item, name, min, max))?.Select(static pair => (pair.Value!.Value, pair.Node)).ToList();

    /// <summary>One of a closed list of words.</summary>
    public string? Word(YamlNode node, string what, params ReadOnlySpan<string> words)
    {
        var known = words.ToArray();
        if (node is YamlScalar { IsString: true } scalar && known.Contains(scalar.Text, StringComparer.Ordinal)) return scalar.Text;
        var given = node is YamlScalar other ? $"`{other.Text}`" : node.Kind;
        Diagnostics.Error("unknown-value", $"`{what}` is {given}; it must be {string.Join(" or ", known.Select(static word => $"`{word}`"))}", node,
            node is YamlScalar typed ? Words.DidYouMean(typed.Text, known) : null);
        return null;
    }

    public void UnknownKey(YamlScalar key, string where, IEnumerable<string> known) =>
        Diagnostics.Error("unknown-key", $"`{key.Text}` is not a key of {where}", key, Words.DidYouMean(key.Text, known));

    public void NotSupportedYet(YamlScalar key) =>
        Diagnostics.Error("not-supported-yet", $"`{key.Text}` is part of the language, but this version does not carry it out yet", key, "remove it: a policy must mean what it says");

    public void WrongType(YamlNode node, string what, string expected, string? hint = null) =>
        Diagnostics.Error("wrong-type", $"`{what}` must be {expected}, not {node.Kind}", node, hint);

    private List<(T Value, YamlNode Node)>? Many<T>(YamlNode node, string what, Func<YamlNode, string, T?> one)
    {
        IReadOnlyList<YamlNode> items = node is YamlList list ? list.Items : [node];
        if (items.Count == 0)
        {
            Diagnostics.Error("empty-value", $"`{what}` is an empty list", node);
            return null;
        }

        var read = new List<(T, YamlNode)>(items.Count);
        foreach (var item in items)
        {
            if (one(item, what) is { } value) read.Add((value, item));
        }

        return read.Count == items.Count ? read : null;
    }
}
