using System.Globalization;
using System.Text;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Conditions.Urls;

/// <summary>The parts of a URL that policies judge.</summary>
/// <param name="Scheme">Lower case.</param>
/// <param name="Host">A lower-case ASCII name without a trailing dot; <c>null</c> when the host is an address.</param>
/// <param name="Address">The address, when the host is one; an IPv4 address inside an IPv6 one is what stands here.</param>
/// <param name="Port">The port named, or <c>null</c>.</param>
internal sealed record CanonicalUrl(string Scheme, string? Host, IpAddress? Address, int? Port)
{
    private const int MaxLength = 8_192;

    /// <summary>The port that a request would go to; <c>null</c> for a scheme without a default.</summary>
    public int? EffectivePort => Port ?? DefaultPort(Scheme);

    /// <summary>The canonical form of <paramref name="text"/>, or <c>null</c> and what is wrong.</summary>
    /// <remarks>SPEC: policy language, section 5; the numbers in the body are its numbers. It never asks <c>System.Uri</c>, which repairs what should be refused.</remarks>
    public static CanonicalUrl? Of(string text, out string problem)
    {
        // 1
        if (!IsClean(text, out problem)) return null;

        // 2
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon <= 0 || !IsScheme(text.AsSpan(0, colon)))
        {
            problem = "it does not start with `scheme://`";
            return null;
        }

        var scheme = text[..colon].ToLowerInvariant();
        var authority = text.AsSpan(colon + 3);
        var end = authority.IndexOfAny('/', '?', '#');
        if (end >= 0) authority = authority[..end];

        // 3. THREAT: `https://good.example@evil.example/` goes to the second host; an encoded host is decoded by some readers only.
        if (authority.ContainsAny('@', '%'))
        {
            problem = "the host part holds `@` or `%`";
            return null;
        }

        if (!TrySplit(authority, out var host, out var port, out problem)) return null;

        // 4
        if (host.StartsWith('['))
        {
            if (IpAddress.TryParseV6(host.AsSpan()[1..^1], out var address)) return new(scheme, null, address.Embedded(), port);
            problem = "the IPv6 address is not valid";
            return null;
        }

        // 5
        return HostName.TryCanonicalize(host, out var name, out var literal, out problem) ? new(scheme, name, literal, port) : null;
    }

    public static int? DefaultPort(ReadOnlySpan<char> scheme) => scheme switch
    {
        "https" or "wss" => 443,
        "http" or "ws" => 80,
        "ftp" => 21,
        "ftps" => 990,
        "ssh" or "sftp" => 22,
        _ => null,
    };

    public static bool IsScheme(ReadOnlySpan<char> scheme) =>
        scheme.Length is > 0 and <= 32 && char.IsAsciiLetter(scheme[0])
        && !scheme.ContainsAnyExcept(Characters.Scheme);

    private static bool IsClean(string text, out string problem)
    {
        problem = "";
        if (text.Length > MaxLength) problem = $"it is longer than {MaxLength} characters";
        else if (text.Contains('\\', StringComparison.Ordinal)) problem = "it holds a backslash";
        else if (HasForbiddenCategory(text)) problem = "it holds control, format or white-space characters";
        return problem.Length == 0;
    }

    private static bool HasForbiddenCategory(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7F) continue;
            if (rune == Rune.ReplacementChar && text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return true;
            if (UnicodeText.Category(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate) return true;
        }

        return false;
    }

    private static bool TrySplit(ReadOnlySpan<char> authority, out string host, out int? port, out string problem)
    {
        (host, port, problem) = ("", null, "");
        var bracket = authority.StartsWith("[") ? authority.IndexOf(']') : -1;
        if (authority.StartsWith("[") && bracket < 0)
        {
            problem = "the IPv6 address is not closed";
            return false;
        }

        var colon = bracket >= 0 ? (authority.Length > bracket + 1 ? bracket + 1 : -1) : authority.IndexOf(':');
        host = (colon < 0 ? authority : authority[..colon]).ToString();
        if (host.Length == 0)
        {
            problem = "it names no host";
            return false;
        }

        if (colon < 0) return true;
        var digits = authority[(colon + 1)..];
        if (authority[colon] == ':' && TryPort(digits, out var number))
        {
            port = number;
            return true;
        }

        problem = "the port is not a number from 1 to 65535";
        return false;
    }

    public static bool TryPort(ReadOnlySpan<char> digits, out int port)
    {
        port = 0;
        return digits.Length is > 0 and <= 5 && digits[0] != '0' && !digits.ContainsAnyExceptInRange('0', '9')
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65_535;
    }
}

/// <summary>The parts of a <see cref="CanonicalUrl"/>, as conditions judge them: texts of their own, or pieces of the argument.</summary>
internal readonly record struct UrlParts(ReadOnlyMemory<char> Scheme, ReadOnlyMemory<char> Host, IpAddress? Address, int? Port)
{
    public int? EffectivePort => Port ?? CanonicalUrl.DefaultPort(Scheme.Span);

    public static UrlParts Of(CanonicalUrl url) => new(url.Scheme.AsMemory(), url.Host.AsMemory(), url.Address, url.Port);
}
