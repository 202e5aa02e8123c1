using McpShield.Policy.Json;

namespace McpShield.Policy.Asking;

/// <summary>Closed objects: a member that is not named here was looked at by nobody, so it does not pass.</summary>
internal static class AskedMembers
{
    /// <summary>What is wrong, or <c>null</c>; no value is an object without members.</summary>
    public static string? Only(JsonView value, params ReadOnlySpan<string> known)
    {
        if (value.Kind is not (JsonKind.Object or JsonKind.Undefined)) return "it is not an object";
        foreach (var (name, _) in value.Members)
        {
            // The name itself is the other side's text and stays out of messages.
            if (!known.Contains(name.GetString())) return $"it holds a member other than {string.Join(", ", known!)}";
        }

        return null;
    }
}
