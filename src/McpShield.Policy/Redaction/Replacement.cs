using System.Security.Cryptography;
using System.Text;

namespace McpShield.Policy.Redaction;

/// <summary>What is written in the place of a finding.</summary>
internal sealed class Replacement(byte[] hashKey)
{
    private const int HashDigits = 12;

    public string For(string original, in Hit hit) => hit.Action switch
    {
        FilterAction.Mask when hit.ShowsLastFour => $"[{hit.Armed.Detector.Name}:…{LastFour(original, hit)}]",
        FilterAction.Mask => $"[{hit.Armed.Detector.Name}]",
        FilterAction.Hash => $"[{hit.Armed.Detector.Name}#{Hash(original, hit)}]",
        _ => "",
    };

    private static string LastFour(string original, in Hit hit)
    {
        var letters = Letters(FoldedText.Of(original[hit.CoreStart..hit.CoreEnd]).Text);
        return letters.Length > 8 ? letters[^4..] : "";
    }

    // The detector is part of what is hashed: a value that two detectors find has no common mark.
    private string Hash(string original, in Hit hit)
    {
        var folded = FoldedText.Of(original[hit.Start..hit.End]).Text;
        var value = hit.Armed.Detector.IgnoresSeparators ? Letters(folded) : folded;
        if (hit.Armed.Detector.Name == "email") value = value.ToLowerInvariant();
        var hash = HMACSHA256.HashData(hashKey, Encoding.UTF8.GetBytes($"{hit.Armed.Detector.Name}:{value}"));
        return Convert.ToHexStringLower(hash)[..HashDigits];
    }

    private static string Letters(string text) => string.Concat(text.Where(static unit => char.IsAsciiLetterOrDigit(unit) || unit >= 0x80)).ToUpperInvariant();
}
