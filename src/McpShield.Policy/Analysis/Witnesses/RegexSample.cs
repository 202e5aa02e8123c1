using System.Text;
using System.Text.RegularExpressions;

namespace McpShield.Policy.Analysis.Witnesses;

/// <summary>A text that a pattern matches, where the pattern is of the usual kind; it is tried before it is used.</summary>
internal static class RegexSample
{
    private static readonly string[] Usual = ["a", "1", "A", "abc", "ABC123", "a-b_c", "2026-01-14", "a@example.com", "/a", "abc123.txt", "00000000-0000-0000-0000-000000000000"];

    public static string? Matching(Regex pattern, string source) => Usual.Prepend(Guess(source)).FirstOrDefault(text => IsMatch(pattern, text));

    public static string? Other(Regex pattern) => ((string[])["\u00a7", "zz fresh", "", "0", "a"]).FirstOrDefault(text => !IsMatch(pattern, text));

    private static bool IsMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    // The first branch of every choice, each class by its first character, each repetition as short as it may be.
    private static string Guess(string source)
    {
        var text = new StringBuilder();
        var at = 0;
        Branch(source, ref at, text);
        return text.ToString();
    }

    private static void Branch(string source, ref int at, StringBuilder text)
    {
        while (at < source.Length && source[at] != ')')
        {
            if (source[at] == '|')
            {
                SkipGroup(source, ref at);
                return;
            }

            var one = new StringBuilder();
            Atom(source, ref at, one);
            var times = Repetition(source, ref at);
            for (var i = 0; i < Math.Min(times, 64); i++) text.Append(one);
        }
    }

    private static void Atom(string source, ref int at, StringBuilder text)
    {
        var character = source[at++];
        switch (character)
        {
            case '(':
                if (at + 1 < source.Length && source[at] == '?') at = Math.Max(at, source.IndexOfAny([':', '>'], at) + 1);
                Branch(source, ref at, text);
                at++;
                break;
            case '[':
                var end = source.IndexOf(']', Math.Min(at + 1, source.Length - 1));
                if (end < 0) break;
                text.Append(source[at] == '\\' && at + 1 < end ? Class(source[at + 1]) : source[at] == '^' ? '~' : source[at]);
                at = end + 1;
                break;
            case '\\' when at < source.Length:
                text.Append(Class(source[at++]));
                break;
            case '.':
                text.Append('a');
                break;
            case not ('^' or '$'):
                text.Append(character);
                break;
        }
    }

    private static char Class(char escape) => escape switch { 'd' => '0', 'w' => 'a', 's' => ' ', _ => escape };

    private static int Repetition(string source, ref int at)
    {
        if (at >= source.Length) return 1;
        switch (source[at])
        {
            case '*' or '?':
                at++;
                return 0;
            case '+':
                at++;
                return 1;
            case '{':
                var end = source.IndexOf('}', at);
                if (end < 0) return 1;
                var digits = source[(at + 1)..end].Split(',')[0];
                at = end + 1;
                return int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var times) ? times : 1;
            default:
                return 1;
        }
    }

    private static void SkipGroup(string source, ref int at)
    {
        for (var depth = 0; at < source.Length && (depth > 0 || source[at] != ')'); at++)
        {
            if (source[at] == '\\') at++;
            else if (source[at] == '(') depth++;
            else if (source[at] == ')') depth--;
        }
    }
}
