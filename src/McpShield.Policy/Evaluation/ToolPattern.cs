namespace McpShield.Policy.Evaluation;

/// <summary>Tool patterns: ordinal, the whole name, <c>*</c> any run of characters, <c>?</c> exactly one, nothing else special.</summary>
internal static class ToolPattern
{
    private const int MaxNameLength = 128;

    /// <summary>Whether <paramref name="name"/> can be a tool: <c>[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}</c>.</summary>
    public static bool IsToolName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name[0] is not ('.' or '/' or '-') && !name.AsSpan().ContainsAnyExcept(Characters.ToolName);

    /// <summary>Greedy with one way back to the last star: linear in practice, at worst pattern times name, both short.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
