using McpShield.Policy.Evaluation;
using McpShield.Policy.Language;

namespace McpShield.Policy.Conditions.Urls;

/// <summary>The URL keys of one block, which together are one test of each URL (policy language, section 2).</summary>
internal sealed class UrlCondition(
    string key,
    IReadOnlyList<DomainPattern>? domains,
    IReadOnlyList<IpRange>? addresses,
    IReadOnlyList<string>? schemes,
    IReadOnlyList<int>? ports,
    IReadOnlyList<ParameterName>? parameters) : Condition(key)
{
    private static readonly string[] DefaultSchemes = ["https", "http"];

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var (result, isFirst) = (Truth.False, true);
        foreach (ref readonly var value in call.UrlsIn(parameters))
        {
            var truth = value.Problem is not null
                ? call.Meet(Truth.Error, value.Code, value.Problem, value.Pointer)
                : Judge(call, value.Url, value.Pointer, reading);
            result = reading.Combine(result, truth, isFirst);
            isFirst = false;
        }

        return result;
    }

    private Truth Judge(CallFacts call, in UrlParts url, string? pointer, Reading reading)
    {
        var allowed = schemes ?? (reading.IsOpen ? null : DefaultSchemes);
        if (allowed is not null && !Texts.Contains(allowed, url.Scheme.Span))
        {
            return call.Meet(Truth.False, DetailCode.SchemeNotListed, "the scheme is not listed", pointer);
        }

        if (domains is null && addresses is null)
        {
            return IsPortListed(url, pattern: null, reading) ? Truth.True : call.Meet(Truth.False, DetailCode.PortNotListed, "the port is not listed", pointer);
        }

        if (url.Address is { } address)
        {
            if (addresses is null || !IpRange.AnyContains(addresses, address))
            {
                return call.Meet(Truth.False, DetailCode.IpNotListed, "the host is an address that is not listed", pointer);
            }

            return IsPortListed(url, pattern: null, reading) ? Truth.True : call.Meet(Truth.False, DetailCode.PortNotListed, "the port is not listed", pointer);
        }

        var isHostListed = false;
        for (var i = 0; i < (domains?.Count ?? 0); i++)
        {
            if (!domains![i].MatchesHost(url.Host.Span)) continue;
            isHostListed = true;
            if (IsPortListed(url, domains[i], reading)) return Truth.True;
        }

        return isHostListed
            ? call.Meet(Truth.False, DetailCode.PortNotListed, "the port is not listed", pointer)
            : call.Meet(Truth.False, DetailCode.DomainNotListed, "the host is not in a listed domain", pointer);
    }

    // A pattern's own port goes before the list, the list before the scheme's default.
    private bool IsPortListed(in UrlParts url, DomainPattern? pattern, Reading reading)
    {
        if (pattern?.Port is { } own) return url.EffectivePort == own;
        if (ports is not null) return url.EffectivePort is { } port && Lists(ports, port);
        return reading.IsOpen || url.Port is null || url.Port == CanonicalUrl.DefaultPort(url.Scheme.Span);
    }

    private static bool Lists(IReadOnlyList<int> ports, int port)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i] == port) return true;
        }

        return false;
    }
}

/// <summary>Collects the URL keys of one block.</summary>
internal sealed class UrlConditionReader(ConditionScope scope)
{
    private YamlScalar? first;
    private List<DomainPattern>? domains;
    private List<IpRange>? addresses;
    private List<string>? schemes;
    private List<int>? ports;
    private IReadOnlyList<ParameterName>? parameters;
    private bool hasFailed;

    public static bool Owns(string key) => key is "allowed_domains" or "domains" or "allowed_ips" or "allowed_schemes" or "allowed_ports";

    public void Read(YamlScalar key, YamlNode node)
    {
        first ??= key;
        if (Selection.Read(node, scope) is not { } given)
        {
            hasFailed = true;
            return;
        }

        if (given.Parameters is not null)
        {
            if (parameters is not null && !parameters.Select(static name => name.Pointer).SequenceEqual(given.Parameters.Select(static name => name.Pointer), StringComparer.Ordinal))
            {
                scope.Diagnostics.Error("params", "the URL keys of one block are one test, so they must name the same `params`", key, "put them into separate blocks under `all`");
            }

            parameters = given.Parameters;
        }

        if (key.Text == "allowed_ports") ports = [.. given.Values.Select(static node => (int)(NodeReader.Integer(node) ?? 0))];
        else foreach (var (text, at) in given.Texts) Add(key.Text, text, at);
    }

    public Condition? Build() => first is null || hasFailed ? null : new UrlCondition(first.Text, domains, addresses, schemes, ports, parameters);

    private void Add(string key, string text, YamlNode at)
    {
        switch (key)
        {
            case "allowed_domains" or "domains":
                if (DomainPattern.Parse(text, out var problem, out var hint) is { } pattern) (domains ??= []).Add(pattern);
                else scope.Diagnostics.Error("domain", problem, at, hint);
                break;

            case "allowed_ips":
                if (IpRange.Parse(text, out problem) is { } range)
                {
                    (addresses ??= []).Add(range);
                    if (!range.Network.IsV4 && range.Network.Embedded().IsV4)
                    {
                        scope.Diagnostics.Warning("cidr-embedded", $"`{text}` matches nothing: addresses that carry an IPv4 address are judged as that", at, "write the IPv4 range");
                    }
                }
                else scope.Diagnostics.Error("cidr", problem, at, "write it like `10.0.0.0/8` or `2001:db8::/32`");
                break;

            default:
                if (CanonicalUrl.IsScheme(text) && !text.AsSpan().ContainsAnyInRange('A', 'Z')) (schemes ??= []).Add(text);
                else scope.Diagnostics.Error("scheme", $"`{text}` is not a URL scheme", at, "write it like `https`, in lower case");
                break;
        }
    }
}

/// <summary><c>blocked_domains</c>: no URL argument is in one of the domains, on any scheme or port. No URL: true.</summary>
internal sealed class BlockedDomainsCondition(IReadOnlyList<DomainPattern> domains, IReadOnlyList<ParameterName>? parameters) : Condition("blocked_domains")
{
    public static Condition? Read(YamlNode node, ConditionScope scope)
    {
        if (Selection.Read(node, scope) is not { } given) return null;
        var domains = new List<DomainPattern>();
        foreach (var (text, at) in given.Texts)
        {
            if (DomainPattern.Parse(text, out var problem, out var hint) is { } pattern) domains.Add(pattern);
            else scope.Diagnostics.Error("domain", problem, at, hint);
        }

        return new BlockedDomainsCondition(domains, given.Parameters);
    }

    public override Truth Evaluate(CallFacts call, Reading reading)
    {
        var result = Truth.True;
        foreach (ref readonly var value in call.UrlsIn(parameters))
        {
            var truth = value.Problem is not null ? call.Meet(Truth.Error, value.Code, value.Problem, value.Pointer)
                : IsBlocked(value.Url) ? call.Meet(Truth.False, DetailCode.DomainNotListed, "the host is in a blocked domain", value.Pointer)
                : Truth.True;
            result = Kleene.And(result, truth);
        }

        return result;
    }

    private bool IsBlocked(in UrlParts url)
    {
        if (url.Address is not null) return false;
        for (var i = 0; i < domains.Count; i++)
        {
            if (domains[i].MatchesHost(url.Host.Span) && (domains[i].Port is null || domains[i].Port == url.EffectivePort)) return true;
        }

        return false;
    }
}
