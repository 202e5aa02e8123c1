using System.Collections.Frozen;

namespace McpShield.Web.Components;

/// <summary>The icons of Frontend/icons.txt, by name; none, where the site was built without Node.</summary>
internal static partial class IconSet
{
    private static readonly FrozenDictionary<string, string> Icons = Load();

    public static string? Find(string name) => Icons.GetValueOrDefault(name);

    private static FrozenDictionary<string, string> Load()
    {
        var icons = new Dictionary<string, string>(StringComparer.Ordinal);
        AddAll(icons);
        return icons.ToFrozenDictionary(StringComparer.Ordinal);
    }

    static partial void AddAll(Dictionary<string, string> icons);
}
