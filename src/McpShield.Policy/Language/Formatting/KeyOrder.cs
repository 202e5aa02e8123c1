namespace McpShield.Policy.Language.Formatting;

/// <summary>Where in a policy a mapping or list stands, as far as the order of its keys goes.</summary>
internal enum Place
{
    Other,
    Policy,
    Settings,
    Rules,
    Rule,
}

/// <summary>The order in which a policy, its settings and its rules name their keys. Everywhere else the author's order stays: the trace follows it.</summary>
/// <remarks>Source: policy language, section 1.</remarks>
internal static class KeyOrder
{
    private static readonly string[] Policy = ["version", "name", "default", "mode", "settings", "assertions", "rules", "filters", "server_requests", "tests"];
    private static readonly string[] Settings = ["path_style", "working_directory"];

    private static readonly string[] Rule =
        ["id", "description", "tool", "decision", "conditions", "shadow", "rate_limit", "filters", "labels", "approval", "max_result_bytes", "reason"];

    /// <summary>The entries in the order of their mapping; keys not known stand last, as they were.</summary>
    public static IEnumerable<T> Sort<T>(IEnumerable<T> entries, Place place, Func<T, string> key)
    {
        var order = place switch { Place.Policy => Policy, Place.Settings => Settings, Place.Rule => Rule, _ => null };
        return order is null ? entries : entries.OrderBy(entry => Array.IndexOf(order, key(entry)) is var at && at < 0 ? int.MaxValue : at);
    }

    public static Place Below(Place place, string? key) => (place, key) switch
    {
        (Place.Policy, "settings") => Place.Settings,
        (Place.Policy, "rules") => Place.Rules,
        (Place.Rules, null) => Place.Rule,
        _ => Place.Other,
    };
}
