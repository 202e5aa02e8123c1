namespace McpShield.Policy.Redaction.Detectors;

/// <summary>Private keys in PEM, OpenPGP armour or PuTTY's form, from their first line to their last, or to the end of the text.</summary>
internal static class PrivateKey
{
    private const string Begin = "-----BEGIN ";
    private const string Putty = "PuTTY-User-Key-File-";

    public static readonly string[] Cues = [Begin, Putty];

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var from = 0; text[from..].IndexOf(Begin, StringComparison.Ordinal) is >= 0 and var offset;)
        {
            var start = from + offset;
            from = start + Begin.Length;
            var line = text[from..Math.Min(text.Length, from + 64)];
            var close = line.IndexOf("-----", StringComparison.Ordinal);
            if (close < 0 || !line[..close].Contains("PRIVATE KEY", StringComparison.Ordinal)) continue;
            var end = text[from..].IndexOf("-----END ", StringComparison.Ordinal);
            if (end >= 0) end = text[(from + end + 9)..].IndexOf("-----", StringComparison.Ordinal) is >= 0 and var tail ? from + end + 9 + tail + 5 : -1;
            if (end < 0) end = text.Length;
            found.Add(start, end);
            from = end;
        }

        if (text.IndexOf(Putty, StringComparison.Ordinal) is >= 0 and var putty) found.Add(putty, text.Length);
    }
}
