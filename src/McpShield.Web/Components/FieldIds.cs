namespace McpShield.Web.Components;

/// <summary>The identifiers of a field and of what describes it.</summary>
internal static class FieldIds
{
    public static string Of(string name) => "f-" + name.Replace('.', '-').ToLowerInvariant();

    /// <summary>What a screen reader reads beside the label: the error first.</summary>
    public static string? Describing(string id, string? error, string? hint) => (error, hint) switch
    {
        (null, null) => null,
        (_, null) => $"{id}-error",
        (null, _) => $"{id}-hint",
        _ => $"{id}-error {id}-hint",
    };
}
