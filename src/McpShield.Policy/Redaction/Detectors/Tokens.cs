using System.Buffers;

namespace McpShield.Policy.Redaction.Detectors;

/// <summary>A token with a known beginning: the characters that follow, and how many of them.</summary>
internal sealed class TokenShape(string prefix, SearchValues<char> body, int min, int max)
{
    public static readonly SearchValues<char> Alphanumeric = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    public static readonly SearchValues<char> UpperCase = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    public static readonly SearchValues<char> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    public static readonly SearchValues<char> Dotted = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~");
    public static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    public static readonly SearchValues<char> Path = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/");

    private static readonly SearchValues<char> Placeholder = SearchValues.Create("xX*._-");

    public string Prefix { get; } = prefix;

    /// <summary>A scan for any of the shapes. A prefix counts where no letter or digit precedes it; the body runs as far as its characters do.</summary>
    public static Scan AnyOf(params TokenShape[] shapes) => (in Sight sight, Matches found) =>
    {
        foreach (var shape in shapes) shape.Scan(sight.Text, found);
    };

    public void Scan(ReadOnlySpan<char> text, Matches found)
    {
        for (var from = 0; text[from..].IndexOf(Prefix, StringComparison.Ordinal) is >= 0 and var offset;)
        {
            var start = from + offset;
            var rest = start + Prefix.Length;
            from = rest;
            if (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1])) continue;
            var length = text[rest..].IndexOfAnyExcept(body);
            if (length < 0) length = text.Length - rest;
            from = rest + length;
            if (length < min || length > max || !IsRandom(text.Slice(rest, length))) continue;
            if (from < text.Length && char.IsAsciiLetterOrDigit(text[from])) continue;
            found.Add(start, rest + text.Slice(rest, length).TrimEnd("-.~").Length);
        }
    }

    // A placeholder such as `ghp_xxxxxxxx` is no secret.
    private static bool IsRandom(ReadOnlySpan<char> body) => body.ContainsAnyExcept(Placeholder);
}
