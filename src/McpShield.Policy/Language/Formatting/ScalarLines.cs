using System.Text;

namespace McpShield.Policy.Language.Formatting;

/// <summary>A scalar of more than one line, moved to another indentation. Its value does not depend on that.</summary>
internal static class ScalarLines
{
    public static List<OutputLine> Of(LayoutScalar scalar, int indent)
    {
        var lines = scalar.Raw.Split('\n');
        if (!scalar.IsBlock) return [.. lines.Select((line, index) => new OutputLine(indent, index == 0 ? TrimEnd(line) : TrimEnd(line.TrimStart(' ')), Comment: null))];

        var header = lines[0].Split(' ')[0];
        if (lines.Length == 1 || header.Any(static unit => unit is '+' or (>= '1' and <= '9')))
        {
            // An indentation that is spelled out, and empty lines that count, are not safe to move.
            return [new(indent, Quoted(scalar.Value), Comment: null)];
        }

        var content = lines.Skip(1).Select(static line => line.TrimEnd(' ').Length == 0 ? "" : line).ToList();
        var margin = content.Where(static line => line.Length > 0).Min(static line => line.Length - line.TrimStart(' ').Length);
        return [new(indent, header, Comment: null), .. content.Select(line => line.Length == 0 ? OutputLine.Blank : new(indent, line[margin..], Comment: null))];
    }

    // An escaped space at the end of a line is one that counts.
    private static string TrimEnd(string line) => line.TrimEnd(' ') is var trimmed && trimmed.EndsWith('\\') && trimmed.Length < line.Length ? trimmed + ' ' : trimmed;

    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var unit in value)
        {
            text.Append(unit switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", _ => unit.ToString() });
        }

        return text.Append('"').ToString();
    }
}
