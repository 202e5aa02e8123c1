namespace McpShield.Policy.Unicode;

internal static class UnicodeText
{
    public static string FoldForComparison(string text) => text.ToUpperInvariant();
}
