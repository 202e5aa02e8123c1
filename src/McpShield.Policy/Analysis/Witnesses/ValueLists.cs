using McpShield.Policy.Conditions;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>What path and URL conditions have in common.</summary>
internal static class ValueLists
{
    /// <summary>The values of a key, and the pointers that it is about; <c>null</c>: by name.</summary>
    public static (IReadOnlyList<string> Values, IReadOnlyList<string>? About) Read(YamlNode node)
    {
        if (node is not YamlMap map) return (Texts(node), null);
        return (Texts(map.Find("any_of")), [.. Texts(map.Find("params")).Select(static name => ParameterName.Parse(name)?.Pointer ?? "/" + name)]);
    }

    public static IReadOnlyList<string> Texts(YamlNode? node) => [.. NodeReader.Items(node).OfType<YamlScalar>().Select(static scalar => scalar.Text)];

    /// <summary>A dimension whose values are sets of values: none, one, or several at once.</summary>
    public static Dimension Subsets(string name, string[] pointers, IReadOnlyList<string> values, int atMost)
    {
        var sets = new List<Action<Sketch>>();
        foreach (var value in values) sets.Add(sketch => sketch.Put(pointers[0], value));
        sets.Add(static _ => { });
        if (atMost < 2 || pointers.Length < 2) return new(name, sets);
        for (var i = 0; i < values.Count; i++)
        {
            for (var j = i + 1; j < values.Count; j++)
            {
                var (first, second) = (values[i], values[j]);
                sets.Add(sketch =>
                {
                    sketch.Put(pointers[0], first);
                    sketch.Put(pointers[1], second);
                });
            }
        }

        return new(name, sets);
    }

    /// <summary>A dimension of one pointer: each value, and its absence.</summary>
    public static Dimension At(string pointer, IEnumerable<string> values) =>
        new(pointer, [.. values.Distinct(StringComparer.Ordinal).Select<string, Action<Sketch>>(value => sketch => sketch.Put(pointer, value)), static _ => { }]);
}
