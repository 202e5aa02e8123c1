using System.Buffers;
using System.Globalization;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Redaction.Detectors;

/// <summary>E-mail addresses: a local part, and a domain of at least two labels with a last one of letters.</summary>
internal static class Email
{
    private const int MaxLength = 320;

    private static readonly SearchValues<char> Local = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+-/=?^_`{|}~");
    private static readonly SearchValues<char> AtEdges = SearchValues.Create(".!#$%&'*-/=?^`{|}~");
    private static readonly SearchValues<char> Cuts = SearchValues.Create("=?&/|{`'");
    private static readonly string[] Pictures = ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif"];

    public static void Scan(in Sight sight, Matches found)
    {
        var text = sight.Text;
        for (var from = 0; text[from..].IndexOf('@') is >= 0 and var offset;)
        {
            var sign = from + offset;
            var (start, end) = (Back(text, from, sign), Forward(text, sign + 1));
            if (start < sign && end > sign + 1 && end - start <= MaxLength) found.Add(start, end);
            from = Math.Max(end, sign + 1);
        }
    }

    private static int Back(ReadOnlySpan<char> text, int from, int sign)
    {
        var start = sign;
        while (start > from && (Local.Contains(text[start - 1]) || IsLetter(text[start - 1]))) start--;

        // What a sentence, a query string or a header puts before an address is no part of it.
        var cut = text[start..sign].LastIndexOfAny(Cuts);
        if (cut >= 0) start += cut + 1;
        while (start < sign && AtEdges.Contains(text[start])) start++;
        return sign == 0 || text[sign - 1] == '.' ? sign : start;
    }

    private static int Forward(ReadOnlySpan<char> text, int start)
    {
        var (at, label, end, labels) = (start, start, -1, 0);
        while (true)
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '-' || IsLetter(text[at]))) at++;
            if (at == label || at - label > 63 || text[label] == '-') break;
            labels++;
            var last = text[label..at].TrimEnd('-');
            if (labels > 1 && last.Length > 1 && IsTop(last)) end = label + last.Length;
            if (at + 1 >= text.Length || text[at] != '.' || last.Length != at - label) break;
            label = ++at;
        }

        return end > 0 && IsPicture(text[start..end]) ? -1 : end;
    }

    private static bool IsTop(ReadOnlySpan<char> label) => label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) || !label.ContainsAnyInRange('0', '9');

    // `icon@2x.png` is a file.
    private static bool IsPicture(ReadOnlySpan<char> domain) => domain is [>= '1' and <= '9', 'x', '.', .. var rest] && Pictures.Contains(rest.ToString(), StringComparer.OrdinalIgnoreCase);

    private static bool IsLetter(char unit) => unit >= 0x80 && (char.IsSurrogate(unit) || UnicodeTables.Shared[unit].Category is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber);
}
