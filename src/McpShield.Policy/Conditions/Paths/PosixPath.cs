namespace McpShield.Policy.Conditions.Paths;

/// <summary>Step 6: separators, dot segments, relative paths.</summary>
internal static class PosixPath
{
    public static string? Of(string text, string? workingDirectory, out string problem)
    {
        problem = "";
        if (text.Contains('\\', StringComparison.Ordinal)) problem = "a backslash is a separator to some readers and a character to others";
        else if (text.Length >= 2 && char.IsAsciiLetter(text[0]) && text[1] == ':') problem = "a drive letter has no place in a posix path";
        // SPEC: POSIX 4.13: exactly two leading slashes are implementation-defined; three or more are one.
        else if (text.StartsWith("//", StringComparison.Ordinal) && !text.StartsWith("///", StringComparison.Ordinal)) problem = "exactly two leading slashes mean different places to different systems";
        else if (text[0] != '/' && workingDirectory is null) problem = "it is relative, and the policy sets no working_directory";
        if (problem.Length > 0) return null;

        if (text[0] != '/') text = $"{workingDirectory}/{text}";
        if (Segments.Resolve(text.Split('/')) is not { } segments)
        {
            problem = "it climbs above the root";
            return null;
        }

        return "/" + string.Join('/', segments);
    }
}

/// <summary>Dot segments, folded the same way in both styles.</summary>
internal static class Segments
{
    /// <summary>The segments that remain, or <c>null</c> when <c>..</c> would leave the root: never clamped.</summary>
    public static List<string>? Resolve(IEnumerable<string> segments)
    {
        var kept = new List<string>();
        foreach (var segment in segments)
        {
            if (segment is "" or ".") continue;
            if (segment is not "..")
            {
                kept.Add(segment);
                continue;
            }

            if (kept.Count == 0) return null;
            kept.RemoveAt(kept.Count - 1);
        }

        return kept;
    }
}
