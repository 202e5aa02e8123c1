namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Keys of Azure: account and shared access keys, signatures, client secrets of Entra, tokens of DevOps.</summary>
internal static class Azure
{
    private static readonly string[] Names = ["AccountKey=", "SharedAccessKey="];

    public static readonly string[] Cues = [.. Names, "sig=", "Q~", "AZDO"];

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        foreach (var name in Names) ScanNamed(text, name, TokenShape.Base64, found);
        if (text.Contains("se=", StringComparison.Ordinal) || text.Contains("sv=", StringComparison.Ordinal)) ScanNamed(text, "sig=", Signature, found);
        ScanMarked(text, "Q~", TokenShape.Dotted, before: 4, total: (37, 40), found);
        ScanMarked(text, "AZDO", TokenShape.Alphanumeric, before: 76, total: (84, 84), found);
    }

    private static readonly System.Buffers.SearchValues<char> Signature = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=%_-");

    private static void ScanNamed(ReadOnlySpan<char> text, string name, System.Buffers.SearchValues<char> body, Matches found)
    {
        for (var from = 0; text[from..].IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var offset;)
        {
            var start = from + offset + name.Length;
            var length = text[start..].IndexOfAnyExcept(body);
            if (length < 0) length = text.Length - start;
            if (length is >= 40 and <= 128) found.Add(start, start + length);
            from = start;
        }
    }

    // The mark stands at one place within the token.
    private static void ScanMarked(ReadOnlySpan<char> text, string mark, System.Buffers.SearchValues<char> body, int before, (int Min, int Max) total, Matches found)
    {
        for (var from = 0; text[from..].IndexOf(mark, StringComparison.Ordinal) is >= 0 and var offset;)
        {
            var at = from + offset;
            from = at + mark.Length;
            var start = at - before;
            if (start < 0 || text[start..at].ContainsAnyExcept(body) || (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]))) continue;
            var length = text[start..Math.Min(text.Length, start + total.Max + 1)].IndexOfAnyExcept(body);
            if (length < 0) length = Math.Min(text.Length - start, total.Max + 1);
            if (length >= total.Min && length <= total.Max) found.Add(start, start + length);
        }
    }
}
