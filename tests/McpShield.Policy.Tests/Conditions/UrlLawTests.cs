using System.Buffers.Binary;
using System.Net;
using CsCheck;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Tests.Unicode;

namespace McpShield.Policy.Tests.Conditions;

/// <summary>What holds of every canonical URL and every address (policy language, section 5).</summary>
public sealed class UrlLawTests
{
    private const int Iterations = 3_000;

    private static readonly Gen<string> Host = Gen.OneOf(
        Gen.OneOf("a", "B", "example", "xn--bcher-kva", "bücher", "faß", "1", "127", "0x7f", "256", "-a", "a_b", "*", "com", "", "ａ", "日本").Array[1, 5].Select(static labels => string.Join('.', labels)),
        Gen.OneOf("127.0.0.1", "10.1.2.3", "0.0.0.0", "[::1]", "[::]", "[2001:db8::1]", "[::ffff:10.1.2.3]", "[64:ff9b::1.2.3.4]", "[2002:a01:203::]", "[fe80::1]", "[::g]", "a.b.", "127.0.0.1."),
        Arbitrary.Text);

    private static readonly Gen<string> Url = Gen.Select(
        Gen.OneOf("https", "HTTP", "ftp", "a+b.c-1", "1a", ""), Host, Gen.OneOf("", "", "", ":443", ":80", ":1", ":65535", ":0", ":65536", ":", "@x"), Gen.OneOf("", "/", "/a b", "?q", "#f", "/a%20b", "\\"),
        static (scheme, host, port, rest) => $"{scheme}://{host}{port}{rest}");

    private static readonly Gen<string> Name = Gen.OneOf("a", "b", "ab").Array[1, 4].Select(static labels => string.Join('.', labels));

    private static readonly Gen<uint> V4 = Gen.OneOf(Gen.UInt, Gen.OneOf(0u, 1u, 0x7F000001u, 0x0A010203u, 0xA9FEA9FEu, 0xFFFFFFFFu));

    [Fact]
    public void The_canonical_form_of_a_canonical_form_is_itself() => Url.Sample(text =>
        CanonicalUrl.Of(text, out _) is not { } once || CanonicalUrl.Of(Write(once), out _) == once, iter: Iterations);

    [Fact]
    public void A_canonical_host_is_lower_case_LDH_without_a_trailing_dot_or_else_an_address() => Url.Sample(text =>
        CanonicalUrl.Of(text, out _) is not { } url
        || (url.Host is null) != (url.Address is null) && (url.Host is null || (url.Host.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.') && url.Host[^1] != '.')), iter: Iterations);

    [Fact]
    public void Case_of_ASCII_and_what_follows_the_authority_change_nothing() => Url.Sample(text =>
    {
        if (CanonicalUrl.Of(text, out _) is not { } url) return true;
        var authority = text[..(text.IndexOfAny(['/', '?', '#'], text.IndexOf("://", StringComparison.Ordinal) + 3) is var end and >= 0 ? end : text.Length)];
        var upper = string.Create(authority.Length, authority, static (span, source) => System.Text.Ascii.ToUpper(source, span, out _));
        return CanonicalUrl.Of(authority, out _) == url
            && CanonicalUrl.Of(authority + "/@evil.test:1/%00?://x#y", out _) == url
            && (!authority.All(char.IsAscii) || CanonicalUrl.Of(upper, out _) == url);
    }, iter: Iterations);

    // The other reader repairs much that is refused here; but what is accepted must lead both to the same place.
    [Fact]
    public void What_has_a_canonical_form_leads_the_platform_to_the_same_host_and_port() => Url.Where(static text => text.All(char.IsAscii)).Sample(text =>
    {
        if (CanonicalUrl.Of(text, out _) is not { Scheme: "https" or "http" or "ftp" } url) return true;
        var theirs = new Uri(text, UriKind.Absolute);
        if (theirs.Scheme != url.Scheme || theirs.Port != url.EffectivePort) return false;
        return url.Host is not null
            ? theirs.IdnHost.TrimEnd('.') == url.Host
            : !IPAddress.TryParse(theirs.IdnHost, out var address) || IpAddress.TryParse(address.ToString(), out var ours) && ours.Embedded() == url.Address;
    }, iter: Iterations);

    [Fact]
    public void An_IPv4_address_is_itself_in_every_form_that_carries_it() => V4.Sample(bits =>
    {
        var dotted = new IPAddress(Bytes(bits)).ToString();
        var (high, low) = ($"{bits >> 16:x}", $"{bits & 0xFFFF:x}");
        var expected = new IpAddress(IsV4: true, bits);
        string[] forms = [$"[::ffff:{dotted}]", $"[::ffff:{high}:{low}]", $"[64:ff9b::{dotted}]", $"[64:ff9b::{high}:{low}]", $"[2002:{high}:{low}::]", $"[2002:{high}:{low}:1:2:3:4:5]", $"[2001:0:1:2:3:4:{~bits >> 16:x}:{~bits & 0xFFFF:x}]"];

        // `::` and `::1` are what they are; every other address below them is the IPv4 one.
        if (bits > 1) forms = [.. forms, $"[::{dotted}]", $"[::{high}:{low}]"];
        return forms.Append(dotted).Append(dotted + ".").All(form => CanonicalUrl.Of($"http://{form}/", out _)?.Address == expected);
    }, iter: 500);

    [Fact]
    public void Every_other_way_to_write_an_IPv4_address_has_no_canonical_form() => V4.Sample(bits =>
    {
        var bytes = Bytes(bits);
        string[] odd = [$"{bits}", $"0x{bits:x8}", $"0X{bits:X}", $"0{Convert.ToString(bits, 8)}", $"{bytes[0]}.{bits & 0xFFFFFF}", $"{bytes[0]}.{bytes[1]}.{bits & 0xFFFF}", $"0x{bytes[0]:x}.{bytes[1]}.{bytes[2]}.{bytes[3]}", $"0{bytes[0]}.{bytes[1]}.{bytes[2]}.{bytes[3]}", $"{bytes[0]}.{bytes[1]}.{bytes[2]}.0x{bytes[3]:x}", $"{bytes[0]}.{bytes[1]}.{bytes[2]}.00{bytes[3]}", $"0.{bytes[0]}.{bytes[1]}.{bytes[2]}.{bytes[3]}"];
        return odd.All(static host => CanonicalUrl.Of($"http://{host}/", out _) is null);
    }, iter: 500);

    [Fact]
    public void A_range_holds_the_addresses_that_share_its_first_bits() => Gen.Select(V4, V4, Gen.Int[0, 32]).Sample((network, address, length) =>
    {
        var mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
        var text = $"{new IPAddress(Bytes(network & mask))}/{length}";
        var range = IpRange.Parse(text, out _);
        var isHostBitRefused = (network & ~mask) == 0 || IpRange.Parse($"{new IPAddress(Bytes(network))}/{length}", out _) is null;

        return isHostBitRefused && range is { } found
            && found.Contains(new(IsV4: true, address)) == ((address & mask) == (network & mask))
            && found.Contains(new(IsV4: true, network & mask)) && found.Contains(new(IsV4: true, network | ~mask))
            && !found.Contains(new(IsV4: false, address));
    }, iter: Iterations);

    [Fact]
    public void A_domain_matches_itself_or_with_a_star_its_real_sub_domains() => Gen.Select(Name, Name).Sample((pattern, host) =>
    {
        var exact = DomainPattern.Parse(pattern, out _, out _)!;
        var star = DomainPattern.Parse("*." + pattern, out _, out _)!;
        string[] wanted = pattern.Split('.'), given = host.Split('.');
        return exact.MatchesHost(host) == (host == pattern)
            && star.MatchesHost(host) == (given.Length > wanted.Length && given.TakeLast(wanted.Length).SequenceEqual(wanted, StringComparer.Ordinal));
    }, iter: Iterations);

    private static string Write(CanonicalUrl url)
    {
        var host = url.Host;
        if (url.Address is { IsV4: true } v4) host = new IPAddress(Bytes((uint)v4.Bits)).ToString();
        if (url.Address is { IsV4: false } v6)
        {
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, v6.Bits);
            host = $"[{new IPAddress(bytes)}]";
        }

        return $"{url.Scheme}://{host}{(url.Port is { } port ? $":{port}" : "")}/";
    }

    private static byte[] Bytes(uint bits)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, bits);
        return bytes;
    }
}
