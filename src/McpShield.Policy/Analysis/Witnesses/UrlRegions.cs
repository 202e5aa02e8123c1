using System.Globalization;
using System.Net;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>URL arguments: each host exact, below and beside, addresses at the ends of each range, every scheme and port, without canonical form, absent.</summary>
internal sealed class UrlRegions
{
    private readonly SortedSet<string> hosts = new(StringComparer.Ordinal);
    private readonly List<IpRange> ranges = [];
    private readonly SortedSet<string> schemes = new(StringComparer.Ordinal);
    private readonly SortedSet<int> ports = [];
    private readonly SortedSet<string> named = new(StringComparer.Ordinal);
    private readonly HashSet<string> tests = new(StringComparer.Ordinal); // the same test twice is one question
    private int byName;
    private bool isAsked;

    public bool IsByName => byName > 0;

    /// <summary>One more test of each URL; the keys of one block are one.</summary>
    public void CountTest(string test) => tests.Add(test);

    public void Add(string key, YamlNode value)
    {
        isAsked = true;
        var (items, about) = ValueLists.Read(value);
        if (about is null) byName++;
        else named.UnionWith(about);
        foreach (var item in items)
        {
            if (key.EndsWith("domains", StringComparison.Ordinal) && DomainPattern.Parse(item, out _, out _) is { } pattern)
            {
                hosts.Add(pattern.Host);
                if (pattern.Port is { } port) ports.Add(port);
            }
            else if (key == "allowed_ips" && IpRange.Parse(item, out _) is { } range) ranges.Add(range);
            else if (key == "allowed_schemes") schemes.Add(item);
            else if (key == "allowed_ports" && int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) ports.Add(number);
        }
    }

    public IEnumerable<Dimension> Build(ParameterRegions parameters, HashSet<string> unproved)
    {
        if (!isAsked) yield break;
        var values = Values().Distinct(StringComparer.Ordinal).Select(JsonTexts.Quote).Append("7").ToList();
        foreach (var pointer in named) parameters.AddValues(pointer, values);
        foreach (var pointer in parameters.Pointers.Where(static pointer => ArgumentSelector.KindOfName(pointer[(pointer.LastIndexOf('/') + 1)..]) is ArgumentKind.Url)) parameters.AddValues(pointer, values);
        if (byName == 0) yield break;
        if (tests.Count > 2) unproved.Add("more URL conditions stand together than values were tried at once");
        var free = ((string[])["/url", "/endpoint", "/href", "/link"]).Except(parameters.Pointers, StringComparer.Ordinal).Take(2).ToArray();
        // Keys of one block are one test; two values at once tell `all` from `any` of two tests.
        yield return ValueLists.Subsets("urls", free, values, atMost: tests.Count > 1 && values.Count <= 120 ? 2 : 1);
        if (tests.Count > 1 && values.Count > 120) unproved.Add("there are too many kinds of URL to try two at once");
    }

    private IEnumerable<string> Values()
    {
        foreach (var scheme in schemes.Union(["https", "http", "zzz"], StringComparer.Ordinal))
        {
            foreach (var port in ports.Select(static port => $":{port.ToString(CultureInfo.InvariantCulture)}").Prepend(":4447").Prepend(""))
            {
                foreach (var host in Hosts()) yield return $"{scheme}://{host}{port}/";
            }
        }

        yield return "https://user@host.invalid/";
    }

    private IEnumerable<string> Hosts()
    {
        foreach (var host in hosts)
        {
            yield return host;
            yield return "zz." + host;
            yield return "zz" + host;
        }

        yield return "zz-outside.invalid";
        foreach (var address in Addresses.At(ranges)) yield return address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        if (ranges.Count == 0) yield return "192.0.2.7";
    }
}

/// <summary>Addresses at the ends of ranges, and just outside them.</summary>
internal static class Addresses
{
    public static IEnumerable<string> At(IEnumerable<IpRange> ranges)
    {
        foreach (var (network, length) in ranges.Select(static range => (range.Network, range.PrefixLength)))
        {
            var hostBits = (network.IsV4 ? 32 : 128) - length;
            var last = hostBits >= 128 ? UInt128.MaxValue : network.Bits + ((UInt128.One << hostBits) - 1);
            var highest = network.IsV4 ? uint.MaxValue : UInt128.MaxValue;
            yield return Text(network.IsV4, network.Bits);
            yield return Text(network.IsV4, last);
            if (network.Bits > 0) yield return Text(network.IsV4, network.Bits - 1);
            if (last < highest) yield return Text(network.IsV4, last + 1);
        }
    }

    private static string Text(bool isV4, UInt128 bits)
    {
        if (isV4) return new IPAddress([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]).ToString();
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new IPAddress(bytes).ToString();
    }
}
