namespace McpShield.Policy.Unicode;

/// <summary>The invisible joiners may stand only where they change how a word is written.</summary>
// SPEC: RFC 5892, appendix A.1 (zero width non-joiner) and A.2 (zero width joiner).
internal static class JoinerRule
{
    private const int NonJoiner = 0x200C;
    private const int Joiner = 0x200D;

    // THREAT: `bank` with an invisible character inside is another name that looks the same.
    public static bool Holds(ReadOnlySpan<int> label)
    {
        for (var at = 0; at < label.Length; at++)
        {
            if (label[at] is not (NonJoiner or Joiner)) continue;
            var followsVirama = at > 0 && UnicodeTables.Shared[label[at - 1]].CombiningClass == CodePointProperties.Virama;
            if (!followsVirama && (label[at] is Joiner || !BreaksCursive(label, at))) return false;
        }

        return true;
    }

    /// <summary>Between a letter that joins to its left and one that joins to its right, marks aside.</summary>
    private static bool BreaksCursive(ReadOnlySpan<int> label, int at)
    {
        var (before, after) = (at - 1, at + 1);
        while (before >= 0 && JoiningOf(label[before]) is JoiningType.Transparent) before--;
        while (after < label.Length && JoiningOf(label[after]) is JoiningType.Transparent) after++;

        return before >= 0 && JoiningOf(label[before]) is JoiningType.Left or JoiningType.Dual
            && after < label.Length && JoiningOf(label[after]) is JoiningType.Right or JoiningType.Dual;
    }

    private static JoiningType JoiningOf(int codePoint) => UnicodeTables.Shared[codePoint].Joining;
}
