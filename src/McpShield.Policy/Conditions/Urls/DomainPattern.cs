namespace McpShield.Policy.Conditions.Urls;

/// <summary>A host name, or <c>*.</c> and a name for its real sub-domains, with a port where it restricts one.</summary>
/// <param name="Host">The name, canonical.</param>
/// <param name="SubdomainsOnly">Whether it stands for the sub-domains and not for the name itself.</param>
/// <param name="Port">The only port meant, or <c>null</c>.</param>
internal sealed record DomainPattern(string Host, bool SubdomainsOnly, int? Port)
{
    public static DomainPattern? Parse(string text, out string problem, out string? hint)
    {
        (problem, hint) = ("", null);
        if (text.Contains('/', StringComparison.Ordinal))
        {
            problem = $"`{text}` is a URL or a path, not a domain";
            hint = "write the host name alone, without scheme and path";
            return null;
        }

        var rest = text;
        var colon = rest.LastIndexOf(':');
        int? port = null;
        if (colon >= 0 && !rest.Contains('[', StringComparison.Ordinal) && rest.IndexOf(':', StringComparison.Ordinal) == colon)
        {
            if (!CanonicalUrl.TryPort(rest.AsSpan(colon + 1), out var number))
            {
                problem = $"the port of `{text}` must be from 1 to 65535";
                return null;
            }

            port = number;
            rest = rest[..colon];
        }

        var subdomains = rest.StartsWith("*.", StringComparison.Ordinal);
        if (subdomains) rest = rest[2..];
        if (rest.Contains('*', StringComparison.Ordinal))
        {
            problem = $"in `{text}` a star may stand only as the first label";
            hint = "write `*.example.com` for every sub-domain of example.com";
            return null;
        }

        if (IpAddress.TryParse(rest.Trim('[', ']'), out _))
        {
            problem = $"`{text}` is an IP address, which no domain pattern matches";
            hint = "use `allowed_ips`";
            return null;
        }

        if (!HostName.TryCanonicalize(rest, out var host, out _, out _) || host is null)
        {
            problem = $"`{text}` is not a valid domain";
            return null;
        }

        return new(host, subdomains, port);
    }

    public bool MatchesHost(ReadOnlySpan<char> host) => SubdomainsOnly
        ? host.Length > Host.Length + 1 && host.EndsWith(Host) && host[^(Host.Length + 1)] == '.'
        : host.SequenceEqual(Host);
}
