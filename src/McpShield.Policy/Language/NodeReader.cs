using System.Globalization;

namespace McpShield.Policy.Language;

/// <summary>Typed reading of nodes that were held against their shapes before: what is not of the type asked for is <c>null</c>, and was named there.</summary>
internal sealed class NodeReader(Diagnostics diagnostics)
{
    public Diagnostics Diagnostics { get; } = diagnostics;

    public static string? Text(YamlNode? node) => node is YamlScalar { IsString: true, Text.Length: > 0 } scalar ? scalar.Text : null;

    public static bool? Flag(YamlNode? node) => node is YamlScalar { IsBoolean: true } scalar ? scalar.Text[0] is 't' or 'T' : null;

    public static long? Integer(YamlNode? node) =>
        node is YamlScalar { IsInteger: true } scalar && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The items of a list; one alone means a list of one.</summary>
    public static IReadOnlyList<YamlNode> Items(YamlNode? node) => node is YamlList list ? list.Items : node is null ? [] : [node];

    /// <summary>A list of strings; <c>null</c> when it is not that.</summary>
    public static IReadOnlyList<(string Text, YamlNode Node)>? Texts(YamlNode? node)
    {
        var items = Items(node);
        var read = items.Where(static item => Text(item) is not null).Select(static item => (Text(item)!, item)).ToList();
        return read.Count > 0 && read.Count == items.Count ? read : null;
    }
}
