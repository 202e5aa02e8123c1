namespace McpShield.Policy.Conditions.Paths;

/// <summary>Step 7: everything that names a device, a stream, a share or a short name has no canonical form.</summary>
internal static class WindowsPath
{
    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

    public static string? Of(string text, string? workingDirectory, out string problem)
    {
        text = text.Replace('/', '\\');
        problem = "";
        if (text.StartsWith(@"\\", StringComparison.Ordinal)) problem = @"shares and `\\?\` paths are not allowed";
        else if (text[0] == '\\') problem = "it is relative to a drive that is not named";
        if (problem.Length > 0) return null;

        var hasDrive = text.Length >= 2 && char.IsAsciiLetter(text[0]) && text[1] == ':';
        if (hasDrive && (text.Length == 2 || text[2] != '\\'))
        {
            problem = "it is relative to the current directory of a drive";
            return null;
        }

        if (!hasDrive)
        {
            if (workingDirectory is null)
            {
                problem = "it is relative, and the policy sets no working_directory";
                return null;
            }

            text = $@"{workingDirectory}\{text}";
        }

        var given = text[3..].Split('\\');
        foreach (var segment in given)
        {
            if (segment is "" or "." or "..") continue;
            if (SegmentProblem(segment) is not { } wrong) continue;
            problem = wrong;
            return null;
        }

        if (Segments.Resolve(given) is not { } segments)
        {
            problem = "it climbs above the root";
            return null;
        }

        return $@"{char.ToUpperInvariant(text[0])}:\{string.Join('\\', segments)}";
    }

    private static string? SegmentProblem(string segment)
    {
        if (segment.Contains(':', StringComparison.Ordinal)) return "a colon names an alternate data stream";
        if (segment[^1] is '.' or ' ') return "a segment ends in a dot or a space, which the system drops";
        if (segment.AsSpan().ContainsAny(Characters.WindowsReserved)) return "it holds a character that the system reserves";
        if (IsShortName(segment)) return "it may be a short name of another file";
        return IsDevice(segment) ? "it names a device" : null;
    }

    private static bool IsShortName(string segment)
    {
        for (var i = 0; i < segment.Length - 1; i++)
        {
            if (segment[i] == '~' && char.IsAsciiDigit(segment[i + 1])) return true;
        }

        return false;
    }

    // An extension does not make a device a file: `NUL.txt` is the device.
    private static bool IsDevice(string segment)
    {
        var dot = segment.IndexOf('.', StringComparison.Ordinal);
        var stem = (dot < 0 ? segment : segment[..dot]).TrimEnd(' ');
        return Devices.Contains(stem, StringComparer.OrdinalIgnoreCase)
            || (stem.Length == 4
                && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
                && stem[3] is (>= '0' and <= '9') or '¹' or '²' or '³');
    }
}
