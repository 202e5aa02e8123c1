using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace McpShield.Policy.Conditions.Urls;

/// <summary>An IPv4 or IPv6 address as its bits.</summary>
/// <param name="IsV4">Whether it is an IPv4 address, in the low 32 bits.</param>
/// <param name="Bits">The address.</param>
internal readonly record struct IpAddress(bool IsV4, UInt128 Bits)
{
    private static readonly UInt128 Nat64 = (UInt128)0x0064_ff9b << 96;

    /// <summary>Exactly four decimal numbers without leading zeros.</summary>
    public static bool TryParseV4(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        uint bits = 0;
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++parts > 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || (part.Length > 1 && part[0] == '0')) return false;
            var value = uint.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture);
            if (value > 255) return false;
            bits = (bits << 8) | value;
        }

        address = new(IsV4: true, bits);
        return parts == 4;
    }

    /// <summary>Hexadecimal groups with at most one <c>::</c>, the last two groups also as dotted IPv4; no zone.</summary>
    public static bool TryParseV6(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        // The platform's parser also takes zones and brackets; what may stand here is narrowed before it is asked.
        if (text.Length > 45 || text.ContainsAnyExcept(Characters.IpV6) || !text.Contains(':')) return false;
        var dot = text.IndexOf('.');
        if (dot >= 0 && !TryParseV4(text[(text[..dot].LastIndexOf(':') + 1)..], out _)) return false;
        if (!IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily is not AddressFamily.InterNetworkV6) return false;
        Span<byte> bytes = stackalloc byte[16];
        parsed.TryWriteBytes(bytes, out _);
        address = new(IsV4: false, BinaryPrimitives.ReadUInt128BigEndian(bytes));
        return true;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address) => TryParseV4(text, out address) || TryParseV6(text, out address);

    /// <summary>The IPv4 address that an IPv6 one carries, else the address itself.</summary>
    // THREAT: every one of these forms reaches an IPv4 host on some system, past a rule that names the host in IPv4.
    public IpAddress Embedded()
    {
        if (IsV4) return this;
        var high = (ulong)(Bits >> 64);
        var low = (uint)Bits;
        var above = Bits >> 32;
        if (above == 0xFFFF) return V4(low); // mapped, ::ffff:0:0/96
        if (above == 0 && low > 1) return V4(low); // compatible, ::/96, but not :: and ::1
        if (high >> 48 == 0x2002) return V4((uint)(high >> 16)); // 6to4, 2002::/16
        if (high >> 32 == 0x2001_0000) return V4(~low); // Teredo, 2001::/32: the client's address, inverted
        return above == Nat64 >> 32 ? V4(low) : this; // NAT64, 64:ff9b::/96
    }

    private static IpAddress V4(uint bits) => new(IsV4: true, bits);
}

/// <summary>A range of addresses in CIDR form.</summary>
/// <param name="Network">Its first address.</param>
/// <param name="PrefixLength">Bits that are fixed.</param>
internal readonly record struct IpRange(IpAddress Network, int PrefixLength)
{
    /// <summary>Reads <c>address/length</c>; a bare address is a range of one. <c>null</c> and what is wrong when it is neither.</summary>
    public static IpRange? Parse(string text, out string problem)
    {
        problem = "";
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? text : text[..slash];
        if (!IpAddress.TryParse(addressText, out var network))
        {
            problem = $"`{text}` is not an IP address or range";
            return null;
        }

        var width = network.IsV4 ? 32 : 128;
        var length = width;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > width || (text.Length - slash > 2 && text[slash + 1] == '0')))
        {
            problem = $"the prefix length of `{text}` must be from 0 to {width}";
            return null;
        }

        var hostBits = width - length;
        if (hostBits > 0 && (network.Bits & ((UInt128.One << (hostBits - 1) << 1) - 1)) != 0)
        {
            problem = $"`{text}` has host bits set";
            return null;
        }

        return new(network, length);
    }

    public static bool AnyContains(IReadOnlyList<IpRange> ranges, IpAddress address)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].Contains(address)) return true;
        }

        return false;
    }

    public bool Contains(IpAddress address)
    {
        if (address.IsV4 != Network.IsV4) return false;
        var hostBits = (Network.IsV4 ? 32 : 128) - PrefixLength;
        return hostBits >= 128 || (address.Bits >> hostBits) == (Network.Bits >> hostBits);
    }
}
