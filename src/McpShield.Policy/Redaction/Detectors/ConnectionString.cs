using System.Buffers;

namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Connection strings with a password in them: `scheme://user:password@host`, and pairs such as `Server=…;Password=…`.</summary>
internal static class ConnectionString
{
    private static readonly SearchValues<char> Breaks = SearchValues.Create("\r\n\"`");
    private static readonly SearchValues<char> UrlEnds = SearchValues.Create(" \t\r\n\"'`<>");

    private static readonly string[] PasswordKeys = ["password", "pwd"];
    private static readonly string[] PlaceKeys = ["server", "data source", "datasource", "host", "hostname", "addr", "address", "endpoint", "database", "initial catalog", "dbname", "user id", "userid", "uid", "user", "username", "account"];

    public static readonly string[] Cues = ["://", .. PasswordKeys];

    public static void Scan(in Sight sight, Matches found)
    {
        ScanUrls(sight.Text, found);
        ScanPairs(sight.Text, found);
    }

    private static void ScanUrls(ReadOnlySpan<char> text, Matches found)
    {
        for (var from = 0; text[from..].IndexOf("://", StringComparison.Ordinal) is >= 0 and var offset;)
        {
            var start = from + offset;
            var authority = start + 3;
            var lowest = from;
            from = authority;
            while (start > lowest && Characters.Scheme.Contains(text[start - 1])) start--;
            if (start == authority - 3) continue;
            var end = text[authority..].IndexOfAny(UrlEnds);
            end = end < 0 ? text.Length : authority + end;

            // A password may hold a slash or an `@` that somebody forgot to escape: the last `@` before the query counts.
            var place = text[authority..end];
            from = end;
            var colon = place.IndexOf(':');
            var sign = place.LastIndexOf('@');
            if (colon < 0 || sign < colon || IsPlaceholder(place[(colon + 1)..sign]) || place[..colon].ContainsAny('/', '?', '#') || sign + 1 == place.Length) continue;
            if (place[(colon + 1)..sign] is [>= '0' and <= '9', ..] && IsPort(place[(colon + 1)..sign])) continue;
            found.Add(start, end);
        }
    }

    // `http://host:8080/@handle` has a port and a path, and no password.
    private static bool IsPort(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is > 0 and var slash && text[slash] is '/' or '?';

    private static void ScanPairs(ReadOnlySpan<char> text, Matches found)
    {
        for (var from = 0; from < text.Length;)
        {
            var length = text[from..].IndexOfAny(Breaks);
            var line = length < 0 ? text[from..] : text.Slice(from, length);
            if (line.Contains("password", StringComparison.OrdinalIgnoreCase) || line.Contains("pwd", StringComparison.OrdinalIgnoreCase)) ScanLine(line, from, found);
            from += line.Length + 1;
        }
    }

    private static void ScanLine(ReadOnlySpan<char> line, int offset, Matches found)
    {
        var (start, end, hasPassword, hasPlace) = (-1, -1, false, false);
        for (var at = 0; line[at..].IndexOf('=') is >= 0 and var next;)
        {
            var equals = at + next;
            at = equals + 1;
            var key = line[..equals].TrimEnd(' ');
            var isPassword = KeyStart(key, PasswordKeys) is >= 0;
            var first = isPassword ? KeyStart(key, PasswordKeys) : KeyStart(key, PlaceKeys);
            if (first < 0) continue;
            var value = line[at..];
            var lead = value.Length - value.TrimStart(' ').Length;
            var size = value[lead..].IndexOfAny(";& \t,");
            size = size < 0 ? value.Length - lead : size;
            if (size == 0) continue;
            if (isPassword && IsPlaceholder(value.Slice(lead, size))) continue;
            if (start < 0) start = first;
            end = at + lead + size;
            if (isPassword) hasPassword = true;
            else hasPlace = true;
        }

        if (hasPassword && hasPlace) found.Add(offset + start, offset + end);
    }

    private static int KeyStart(ReadOnlySpan<char> text, string[] keys)
    {
        foreach (var key in keys)
        {
            if (!text.EndsWith(key, StringComparison.OrdinalIgnoreCase)) continue;
            var start = text.Length - key.Length;
            if (start == 0 || !char.IsAsciiLetterOrDigit(text[start - 1])) return start;
        }

        return -1;
    }

    private static bool IsPlaceholder(ReadOnlySpan<char> password) =>
        password.IsEmpty || password[0] is '$' or '<' or '{' or '%' && password[^1] is '}' or '>' or '%' || !password.ContainsAnyExcept("*xX.");
}
