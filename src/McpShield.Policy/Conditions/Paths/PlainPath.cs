using System.Buffers;

namespace McpShield.Policy.Conditions.Paths;

/// <summary>Recognises a posix path that is already its own canonical form, which most are.</summary>
// INVARIANT: what is recognised here, `CanonicalPath.Of` answers unchanged, whatever the working directory. Nothing follows from a path that is not.
internal static class PlainPath
{
    private const int MaxLength = 4_096;

    // Visible ASCII and the space up to `}`, so without `~`; and without what else may be decoded, expanded or taken for a separator.
    private static readonly SearchValues<char> Characters = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ').Select(static code => (char)code).Where(static character => character is not ('%' or '$' or '\\'))]);

    public static bool Is(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength || text[0] != '/' || text.ContainsAnyExcept(Characters)) return false;
        if (text.Length == 1) return true;
        return text[^1] != '/' && !text.Contains("//", StringComparison.Ordinal) && (!text.Contains("/.", StringComparison.Ordinal) || HasNoDotSegment(text));
    }

    private static bool HasNoDotSegment(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split('/'))
        {
            if (text[range] is "." or "..") return false;
        }

        return true;
    }
}
