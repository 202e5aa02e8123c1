namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Identifiers of AWS access keys, and the secret that stands behind its own name.</summary>
internal static class AwsAccessKey
{
    private static readonly TokenShape[] Ids = [.. new[] { "AKIA", "ASIA", "ABIA", "ACCA" }.Select(static prefix => new TokenShape(prefix, TokenShape.UpperCase, 16, 16))];

    public static readonly string[] Cues = ["AKIA", "ASIA", "ABIA", "ACCA", "secret_access_key", "secretaccesskey"];

    public static void Scan(in Sight sight, Matches found)
    {
        foreach (var id in Ids) id.Scan(sight.Text, found);
        if (IsSecretName(sight.Name) && sight.Text.Length == 40 && !sight.Text.ContainsAnyExcept(TokenShape.Base64)) found.Add(0, 40);
        ScanSecret(sight.Text, "secret_access_key", found);
        ScanSecret(sight.Text, "secretaccesskey", found);
    }

    private static bool IsSecretName(ReadOnlySpan<char> name) =>
        name.EndsWith("secret_access_key", StringComparison.OrdinalIgnoreCase) || name.EndsWith("secretaccesskey", StringComparison.OrdinalIgnoreCase);

    // Forty characters of base64 say nothing alone; behind the name they are the key.
    private static void ScanSecret(ReadOnlySpan<char> text, string name, Matches found)
    {
        for (var from = 0; text[from..].IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var offset;)
        {
            from += offset + name.Length;
            var start = from;
            while (start < text.Length && start - from < 6 && text[start] is ' ' or '=' or ':' or '"' or '\'' or '>') start++;
            var length = text[start..].IndexOfAnyExcept(TokenShape.Base64);
            if (length < 0) length = text.Length - start;
            if (start > from && length == 40) found.Add(start, start + length);
        }
    }
}
