namespace McpShield.Policy.Language.Formatting;

/// <summary>Whether two texts say the same: the same nodes in the same order, but for the keys that the formatter puts in order.</summary>
internal static class SameMeaning
{
    public static bool Of(YamlNode left, YamlNode right, Place place = Place.Policy) => (left, right) switch
    {
        (YamlScalar a, YamlScalar b) => a.Text == b.Text && a.IsPlain == b.IsPlain,
        (YamlList a, YamlList b) => a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => Of(pair.First, pair.Second, KeyOrder.Below(place, key: null))),
        (YamlMap a, YamlMap b) => a.Entries.Count == b.Entries.Count && Sorted(a, place).Zip(Sorted(b, place)).All(pair =>
            Of(pair.First.Key, pair.Second.Key, Place.Other) && Of(pair.First.Value, pair.Second.Value, KeyOrder.Below(place, pair.First.Key.Text))),
        _ => false,
    };

    private static IEnumerable<YamlEntry> Sorted(YamlMap map, Place place) => KeyOrder.Sort(map.Entries, place, static entry => entry.Key.Text);
}
