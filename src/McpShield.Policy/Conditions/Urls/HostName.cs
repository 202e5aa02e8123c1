using McpShield.Policy.Unicode;

namespace McpShield.Policy.Conditions.Urls;

/// <summary>Step 5: a host name as lower-case ASCII, or a dotted IPv4 address.</summary>
internal static class HostName
{
    private const int MaxLength = 253;

    public static bool TryCanonicalize(string text, out string? name, out IpAddress? address, out string problem)
    {
        (name, address, problem) = (null, null, "");
        var stripped = text.EndsWith('.') ? text[..^1] : text;
        var labels = stripped.Split('.');

        // THREAT: `0x7f.1`, `017700000001` and `2130706433` are 127.0.0.1 to some resolvers. A host that ends in a number is an
        // address in the one usual form, or nothing.
        if (LooksNumeric(labels[^1]))
        {
            if (IpAddress.TryParseV4(stripped, out var parsed))
            {
                address = parsed;
                return true;
            }

            problem = "a host that ends in a number must be a plain IPv4 address";
            return false;
        }

        for (var i = 0; i < labels.Length; i++)
        {
            if (!TryLabel(labels[i], out var ascii))
            {
                problem = "the host is not a valid name";
                return false;
            }

            labels[i] = ascii;
        }

        name = string.Join('.', labels);
        if (name.Length <= MaxLength && !LooksNumeric(labels[^1])) return true;
        name = null;
        problem = "the host is not a valid name";
        return false;
    }

    public static bool TryLabel(string label, out string ascii)
    {
        ascii = "";
        if (label.Length == 0) return false;
        if (System.Text.Ascii.IsValid(label))
        {
            if (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase)) return Idna.TryToAsciiLabel(label.ToLowerInvariant(), out ascii);
            ascii = label.ToLowerInvariant();
            return IsLdh(ascii);
        }

        // THREAT: compatibility letters (`ⓐ`, `①`) become other characters in some resolvers and stay themselves in others.
        return UnicodeText.IsNfkc(label) && Idna.TryToAsciiLabel(label, out ascii);
    }

    private static bool IsLdh(string label) =>
        label.Length <= 63 && label[0] != '-' && label[^1] != '-'
        && !label.AsSpan().ContainsAnyExcept(Characters.LowerCaseName);

    private static bool LooksNumeric(string label) =>
        label.Length > 0 && (!label.AsSpan().ContainsAnyExceptInRange('0', '9') || label.StartsWith("0x", StringComparison.OrdinalIgnoreCase));
}
