using System.Globalization;
using System.Text;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Conditions.Paths;

/// <summary>How a policy's paths are written.</summary>
internal enum PathStyle
{
    Posix,
    Windows,
}

/// <summary>The one form of a path that prefixes are compared with. A path that two readers could take for two places has none.</summary>
/// <remarks>SPEC: policy language, section 4; the numbers in the body are its numbers. It never touches a file system.</remarks>
internal static class CanonicalPath
{
    private const int MaxLength = 4_096;

    /// <summary>The canonical form of <paramref name="text"/>, or <c>null</c> and what is wrong.</summary>
    /// <param name="text">The path as given.</param>
    /// <param name="style">How it is written.</param>
    /// <param name="workingDirectory">Canonical base for a relative path; <c>null</c> when there is none.</param>
    /// <param name="problem">Lower case, no final stop, without the path itself.</param>
    public static string? Of(string text, PathStyle style, string? workingDirectory, out string problem)
    {
        // 1
        if (!PathText.IsClean(text, MaxLength, out problem)) return null;

        // 2. THREAT: ` file:///etc` is a relative path to one reader and, trimmed, a URI to another.
        if (char.IsWhiteSpace(text[0]) && text.AsSpan().TrimStart().StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            problem = "white space stands before a file URI";
            return null;
        }

        if (text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            if (FileUri.ToPath(text, style, out problem) is not { } decoded) return null;
            text = decoded;
            if (!PathText.IsClean(text, MaxLength, out problem)) return null;
        }

        // 3, 4
        if (PathText.HidesStructure(text))
        {
            problem = "encoded characters hide separators or dot segments";
            return null;
        }

        text = UnicodeText.ToNfc(text);

        // 5. THREAT: a server that expands these reads another path than the one decided.
        if (PathText.Expands(text))
        {
            problem = "`~`, `$` and `%NAME%` may be expanded by the server";
            return null;
        }

        // 6, 7
        var path = style is PathStyle.Posix
            ? PosixPath.Of(text, workingDirectory, out problem)
            : WindowsPath.Of(text, workingDirectory, out problem);

        // 1 again: the base of a relative path, and NFC, make it longer. INVARIANT: a canonical form is its own canonical form.
        return path is null || PathText.IsClean(path, MaxLength, out problem) ? path : null;
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="prefix"/> or lies below it; both canonical.</summary>
    // THREAT: `/data/docs-private` has the text prefix `/data/docs`. Only whole segments count.
    public static bool IsInside(ReadOnlySpan<char> path, ReadOnlySpan<char> prefix, PathStyle style)
    {
        var separator = style is PathStyle.Posix ? '/' : '\\';
        if (style is PathStyle.Windows)
        {
            path = UnicodeText.FoldCase(path.ToString());
            prefix = UnicodeText.FoldCase(prefix.ToString());
        }

        if (!path.StartsWith(prefix, StringComparison.Ordinal)) return false;
        return path.Length == prefix.Length || prefix[^1] == separator || path[prefix.Length] == separator;
    }
}

/// <summary>Checks of a path's text that both styles share.</summary>
internal static class PathText
{
    public static bool IsClean(string text, int maxLength, out string problem)
    {
        problem = "";
        if (text.Length == 0) problem = "it is empty";
        else if (text.Length > maxLength && CountCodePoints(text) > maxLength) problem = $"it is longer than {maxLength} characters";
        else if (HasForbiddenCategory(text)) problem = "it holds control, format or unassigned characters";
        return problem.Length == 0;
    }

    /// <summary>Whether decoding percent signs or compatibility characters, as some server might, would change separators or dot segments.</summary>
    public static bool HidesStructure(string text)
    {
        var structure = Structure(text);
        var round = text;
        for (var i = 0; i <= 3; i++)
        {
            if (Structure(round) != structure || Structure(UnicodeText.ToNfkc(round)) != structure) return true;
            var next = PercentEncoding.DecodeLeniently(round);
            if (next == round) return false;
            round = next;
        }

        return false;
    }

    /// <summary>Whether a shell-like server would replace part of it.</summary>
    public static bool Expands(string text)
    {
        if (text[0] == '~') return true;
        for (var i = 0; i < text.Length - 1; i++)
        {
            if (text[i] == '$' && (text[i + 1] is '{' or '(' or '_' || char.IsAsciiLetter(text[i + 1]))) return true;
            if (text[i] != '%') continue;
            var end = text.IndexOf('%', i + 1);
            if (end > i + 1 && IsVariableName(text.AsSpan(i + 1, end - i - 1))) return true;
        }

        return false;
    }

    private static bool IsVariableName(ReadOnlySpan<char> name)
    {
        if (!char.IsAsciiLetter(name[0]) && name[0] != '_') return false;
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '(' or ')')) return false;
        }

        return true;
    }

    private static (int Separators, int Dots) Structure(string text)
    {
        var (separators, dots, start) = (0, 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] is not ('/' or '\\')) continue;
            if (i < text.Length) separators++;
            if (text.AsSpan(start, i - start) is "." or "..") dots += i - start;
            start = i + 1;
        }

        return (separators, dots);
    }

    private static int CountCodePoints(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes()) count++;
        return count;
    }

    private static bool HasForbiddenCategory(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && rune.Value is >= 0x20 and < 0x7F) continue;
            if (rune == Rune.ReplacementChar && text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return true;
            if (UnicodeText.Category(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) return true;
        }

        return false;
    }
}
