using System.Collections;

namespace McpShield.Cli;

/// <summary>The environment that this program was started in.</summary>
internal static class EnvironmentVariables
{
    public static Dictionary<string, string> All() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static one => (string)one.Key, static one => (string?)one.Value ?? "", StringComparer.Ordinal);
}
