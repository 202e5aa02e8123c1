namespace McpShield.Policy.Language;

/// <summary>The nearest known word to one that is not known.</summary>
internal static class Words
{
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > 64) return null;
        var best = known
            .Select(candidate => (Candidate: candidate, Distance: Distance(word, candidate)))
            .OrderBy(static pair => pair.Distance).ThenBy(static pair => pair.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Candidate is not null && best.Distance <= Math.Max(2, best.Candidate.Length / 3) ? best.Candidate : null;
    }

    public static string? DidYouMean(string word, IEnumerable<string> known) => Nearest(word, known) is { } nearest ? $"did you mean `{nearest}`?" : null;

    private static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++) row[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }

        return row[right.Length];
    }
}
