using System.Text;

namespace McpShield.Policy.Unicode;

/// <summary>What a label in its Unicode form must satisfy.</summary>
// SPEC: UTS #46, section 4.1, Validity Criteria; the numbers are its own.
internal static class LabelRules
{
    public static bool Hold(ReadOnlySpan<int> label, bool inBidiName) =>
        !label.IsEmpty
        && HasNoOddHyphens(label) // 2, 3
        && !UnicodeTables.Shared[label[0]].IsMark // 6
        && AllAreValid(label) // 5, 7
        && IsNfc(label) // 1
        && JoinerRule.Holds(label) // 8
        && (!(inBidiName || BidiRule.Applies(label)) || BidiRule.Holds(label)); // 9

    private static bool HasNoOddHyphens(ReadOnlySpan<int> label) =>
        label[0] != '-' && label[^1] != '-' && !(label.Length >= 4 && label[2] == '-' && label[3] == '-');

    private static bool AllAreValid(ReadOnlySpan<int> label)
    {
        foreach (var codePoint in label)
        {
            // The table lets all of ASCII pass; the STD3 rules leave letters, digits and the hyphen.
            var isValid = codePoint <= 0x7F
                ? codePoint is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'
                : UnicodeTables.Shared[codePoint].Idna is IdnaStatus.Valid;
            if (!isValid) return false;
        }

        return true;
    }

    private static bool IsNfc(ReadOnlySpan<int> label)
    {
        var text = new StringBuilder(label.Length);
        foreach (var codePoint in label) text.AppendCodePoint(codePoint);
        return UnicodeText.IsNfc(text.ToString());
    }
}
