namespace McpShield.Policy.Unicode;

/// <summary>The 11,172 Korean syllables, which are computed: they are arranged by leading, vowel and trailing jamo.</summary>
// SPEC: The Unicode Standard, section 3.12, conjoining jamo behavior.
internal static class Hangul
{
    private const int Syllables = 0xAC00;
    private const int Leading = 0x1100;
    private const int Vowels = 0x1161;
    private const int Trailing = 0x11A7; // one before the first: a syllable may have none
    private const int LeadingCount = 19;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;
    private const int SyllableCount = LeadingCount * VowelCount * TrailingCount;

    /// <summary>The jamo of a syllable; <paramref name="trailing"/> is zero where there is none.</summary>
    public static bool TryDecompose(int codePoint, out int leading, out int vowel, out int trailing)
    {
        var syllable = codePoint - Syllables;
        leading = vowel = trailing = 0;
        if (syllable is < 0 or >= SyllableCount) return false;

        leading = Leading + (syllable / (VowelCount * TrailingCount));
        vowel = Vowels + (syllable / TrailingCount % VowelCount);
        if (syllable % TrailingCount != 0) trailing = Trailing + (syllable % TrailingCount);
        return true;
    }

    /// <summary>Leading with vowel, or a syllable that has no trailing jamo with one.</summary>
    public static bool TryCompose(int first, int second, out int composite)
    {
        composite = 0;
        var (leading, vowel) = (first - Leading, second - Vowels);
        if (leading is >= 0 and < LeadingCount && vowel is >= 0 and < VowelCount)
        {
            composite = Syllables + (((leading * VowelCount) + vowel) * TrailingCount);
            return true;
        }

        var (syllable, trailing) = (first - Syllables, second - Trailing);
        if (syllable is < 0 or >= SyllableCount || syllable % TrailingCount != 0 || trailing is <= 0 or >= TrailingCount) return false;
        composite = first + trailing;
        return true;
    }
}
