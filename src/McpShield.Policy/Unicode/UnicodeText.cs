using System.Globalization;
using System.Text;

namespace McpShield.Policy.Unicode;

/// <summary>Categories, normalization and case folding of one pinned Unicode version, alike on every machine.</summary>
/// <remarks>No method throws on lone surrogates; they pass through unchanged.</remarks>
internal static class UnicodeText
{
    public const string Version = "17.0.0";

    public static UnicodeCategory Category(Rune rune) => UnicodeTables.Shared[rune.Value].Category;

    /// <summary>The canonical form; the same instance when nothing changes.</summary>
    public static string ToNfc(string text) => Ascii.IsValid(text) ? text : Normalizer.Normalize(text, TextForm.Nfc);

    /// <summary>The compatibility form (`ﬁ` becomes `fi`, `①` becomes `1`); the same instance when nothing changes.</summary>
    public static string ToNfkc(string text) => Ascii.IsValid(text) ? text : Normalizer.Normalize(text, TextForm.Nfkc);

    public static bool IsNfc(string text) => ReferenceEquals(ToNfc(text), text);

    public static bool IsNfkc(string text) => ReferenceEquals(ToNfkc(text), text);

    /// <summary>One form for all names that some reader could take for one another: `path`/`Path`, `ſ`/`s`, `K`/`k`.</summary>
    public static string FoldForComparison(string text)
    {
        if (Ascii.IsValid(text)) return LowerAscii(text);

        // Folding can uncover what NFKC joins, and NFKC what has a folding; a second round settles all but oddities.
        // It ends: every round that changes something replaces characters by ones that fold and decompose no further.
        var current = ToNfkc(text);
        while (true)
        {
            var next = ToNfkc(FoldCase(current));
            if (next == current) return current;
            current = next;
        }
    }

    /// <summary>Full case folding (`ß` becomes `ss`), not Turkic; the same instance when nothing changes.</summary>
    // SPEC: CaseFolding.txt, statuses C and F.
    public static string FoldCase(string text)
    {
        var at = FirstThatFolds(text);
        if (at < 0) return text;

        var folded = new StringBuilder(text.Length).Append(text, 0, at);
        while (at < text.Length)
        {
            var codePoint = CodePoints.Read(text, ref at);
            var mapping = UnicodeTables.Shared.Folding(codePoint);
            if (mapping.IsEmpty) folded.AppendCodePoint(codePoint);
            else folded.Append(mapping);
        }

        return folded.ToString();
    }

    /// <summary>ASCII text folded; the same instance when nothing changes.</summary>
    internal static string LowerAscii(string text) => text.AsSpan().ContainsAnyInRange('A', 'Z')
        ? string.Create(text.Length, text, static (lower, source) => Ascii.ToLower(source, lower, out _))
        : text;

    private static int FirstThatFolds(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            if (!UnicodeTables.Shared.Folding(CodePoints.Read(text, ref at)).IsEmpty) return start;
        }

        return -1;
    }
}
