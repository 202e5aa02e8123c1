namespace McpShield.Policy.Conditions.Paths;

/// <summary>A <c>file:</c> URI as a path of this machine, decoded once.</summary>
// SPEC: RFC 8089; the host is empty or localhost, and nothing but a path follows it.
internal static class FileUri
{
    public static string? ToPath(string uri, PathStyle style, out string problem)
    {
        problem = "";
        var rest = uri["file:".Length..];
        if (rest.Contains('?', StringComparison.Ordinal) || rest.Contains('#', StringComparison.Ordinal)) problem = "a file URI has no query and no fragment";
        else if (rest.Contains('\\', StringComparison.Ordinal)) problem = "a file URI has no backslashes";
        if (problem.Length > 0) return null;

        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var path = rest.IndexOf('/', 2);
            var host = path < 0 ? rest[2..] : rest[2..path];
            if (path < 0 || (host.Length > 0 && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase)))
            {
                problem = "a file URI names no other host";
                return null;
            }

            rest = rest[path..];
        }

        if (!rest.StartsWith('/'))
        {
            problem = "a file URI is absolute";
            return null;
        }

        // THREAT: `%2f` decodes to a separator that was not one before; `%00` ends the path for a C library.
        if (HoldsTriplet(rest, "2f") || HoldsTriplet(rest, "5c") || HoldsTriplet(rest, "00"))
        {
            problem = "a file URI encodes no separators";
            return null;
        }

        if (PercentEncoding.DecodeStrictly(rest) is not { } decoded)
        {
            problem = "a file URI is percent-encoded UTF-8";
            return null;
        }

        return style is PathStyle.Windows && decoded.Length >= 3 && char.IsAsciiLetter(decoded[1]) && decoded[2] == ':' ? decoded[1..] : decoded;
    }

    private static bool HoldsTriplet(string text, string digits) => text.Contains("%" + digits, StringComparison.OrdinalIgnoreCase);
}
