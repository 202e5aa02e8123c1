using System.Buffers;

namespace McpShield.Policy.Conditions.Urls;

/// <summary>Recognises a URL whose scheme and host are already in canonical form, which most are.</summary>
// INVARIANT: of what is recognised here, `CanonicalUrl.Of` answers the same scheme, host and port, and no address. Nothing follows from a URL that is not.
internal static class PlainUrl
{
    private const int MaxLength = 8_192;
    private const int MaxName = 253;
    private const int MaxLabel = 63;

    private static readonly SearchValues<char> Visible = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(static code => (char)code).Where(static character => character != '\\')]);

    public static bool TryRead(ReadOnlyMemory<char> url, out ReadOnlyMemory<char> scheme, out ReadOnlyMemory<char> host, out int? port)
    {
        (scheme, host, port) = (default, default, null);
        var text = url.Span;
        if (text.Length > MaxLength || text.ContainsAnyExcept(Visible)) return false;
        var colon = text.IndexOf(':');
        if (colon <= 0 || !text[colon..].StartsWith("://") || !CanonicalUrl.IsScheme(text[..colon]) || text[..colon].ContainsAnyInRange('A', 'Z')) return false;

        var authority = text[(colon + 3)..];
        var end = authority.IndexOfAny('/', '?', '#');
        if (end >= 0) authority = authority[..end];
        var name = authority;
        var portAt = authority.IndexOf(':');
        if (portAt >= 0)
        {
            if (!CanonicalUrl.TryPort(authority[(portAt + 1)..], out var number)) return false;
            name = authority[..portAt];
            port = number;
        }

        (scheme, host) = (url[..colon], url.Slice(colon + 3, name.Length));
        return IsPlainName(name);
    }

    private static bool IsPlainName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxName) return false;
        while (true)
        {
            var dot = name.IndexOf('.');
            var label = dot < 0 ? name : name[..dot];
            if (label.Length is 0 or > MaxLabel || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(Characters.LowerCaseName) || label.StartsWith("xn--")) return false;
            if (dot < 0) return label.ContainsAnyExceptInRange('0', '9') && !label.StartsWith("0x");
            name = name[(dot + 1)..];
        }
    }
}
