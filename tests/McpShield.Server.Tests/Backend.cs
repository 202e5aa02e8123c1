namespace McpShield.Server.Tests;

/// <summary>What the server under test stands on: SQLite and memory.</summary>
internal static class Backend
{
    public static Task<Dictionary<string, string>> VariablesAsync() => Task.FromResult(new Dictionary<string, string>(StringComparer.Ordinal));
}
