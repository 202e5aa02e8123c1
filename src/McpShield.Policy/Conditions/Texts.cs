namespace McpShield.Policy.Conditions;

/// <summary>Ordinal questions to the lists of names that policies hold. Written out, because the platform's own take memory for each question.</summary>
internal static class Texts
{
    public static bool Contains(IReadOnlyList<string> texts, ReadOnlySpan<char> text)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            if (text.SequenceEqual(texts[i])) return true;
        }

        return false;
    }

    public static bool Overlap(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        for (var i = 0; i < left.Count; i++)
        {
            if (Contains(right, left[i])) return true;
        }

        return false;
    }
}
