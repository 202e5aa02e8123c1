using System.Globalization;
using McpShield.Policy.Json;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Asking;

/// <summary>Text that is shown to a person or a model, from someone who would like to choose what they see.</summary>
internal static class AskedText
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>What is wrong with some string or member name of <paramref name="value"/>, or <c>null</c>.</summary>
    public static string? Problem(JsonView value)
    {
        if (value.Kind is JsonKind.String) return IsPlain(value.GetString()) ? null : "it holds control or invisible characters";
        foreach (var item in value.Items)
        {
            if (Problem(item) is { } problem) return problem;
        }

        foreach (var (name, member) in value.Members)
        {
            if ((Problem(name) ?? Problem(member)) is { } problem) return problem;
        }

        return null;
    }

    // THREAT: an escape sequence that rewrites a terminal, a direction mark that turns a sentence round, tags that only a model reads.
    // The two joiners are letters' business in many languages.
    private static bool IsPlain(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x20 and < 0x7F or '\n' or '\t' or '\r' or ZeroWidthJoiner or ZeroWidthNonJoiner) continue;
            if (rune.Value is >= 0xE0000 and <= 0xE0FFF) return false;
            if (UnicodeText.Category(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate) return false;
        }

        return true;
    }
}
