using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace McpShield.Policy.Language;

/// <summary>Reads one YAML document into nodes, refusing what a policy has no use for: anchors, aliases, tags, tabs, duplicate keys, a second document.</summary>
internal static class YamlReader
{
    public const int MaxLength = 1024 * 1024;
    private const int MaxDepth = 32;

    public static YamlNode? Read(string text, Diagnostics diagnostics)
    {
        if (text.Length > MaxLength)
        {
            diagnostics.Error("too-large", $"a policy is at most {MaxLength} characters long", 1, 1);
            return null;
        }

        if (FindUnprintable(text) is { } at)
        {
            var before = text.AsSpan(0, at);
            var (line, column) = (before.Count('\n') + 1, at - before.LastIndexOf('\n'));
            if (text[at] == '\t') diagnostics.Error("tab", "tabs are not allowed", line, column, "indent with spaces");
            else diagnostics.Error("yaml", "not valid YAML: a character that cannot be printed", line, column);
            return null;
        }

        try
        {
            return ReadDocument(new Parser(new Scanner(new StringReader(text), skipComments: true)), diagnostics);
        }
        catch (YamlException broken)
        {
            diagnostics.Error("yaml", $"not valid YAML: {Reason(broken)}", (int)broken.Start.Line, (int)broken.Start.Column);
            return null;
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The parser gives up on some texts in its own words; to the author it is the same thing.
            diagnostics.Error("yaml", "not valid YAML", 1, 1);
            return null;
        }
    }

    private static YamlNode? ReadDocument(Parser parser, Diagnostics diagnostics)
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            diagnostics.Error("empty", "the policy is empty", 1, 1, "start with `version: 1`");
            return null;
        }

        if (parser.Accept<Scalar>(out var empty) && empty.Value.Length == 0 && empty.Style is ScalarStyle.Plain)
        {
            diagnostics.Error("empty", "the policy is empty", 1, 1, "start with `version: 1`");
            return null;
        }

        var root = ReadNode(parser, diagnostics, depth: 0);
        if (root is null) return null;
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
        {
            diagnostics.Error("second-document", "a policy is one document", (int)second.Start.Line, (int)second.Start.Column, "remove everything from `---` on");
            return null;
        }

        return root;
    }

    private static YamlNode? ReadNode(Parser parser, Diagnostics diagnostics, int depth)
    {
        var next = parser.Consume<ParsingEvent>();
        var (line, column) = ((int)next.Start.Line, (int)next.Start.Column);
        if (next is AnchorAlias)
        {
            diagnostics.Error("alias", "aliases are not allowed", line, column, "write the value out");
            return null;
        }

        if (next is NodeEvent { Anchor.IsEmpty: false })
        {
            diagnostics.Error("anchor", "anchors are not allowed", line, column, "write the value out where it is needed");
            return null;
        }

        if (next is NodeEvent { Tag: { IsEmpty: false } tag } && !(tag.IsNonSpecific && next is Scalar { Style: not ScalarStyle.Plain }))
        {
            diagnostics.Error("tag", "tags are not allowed", line, column);
            return null;
        }

        if (depth > MaxDepth)
        {
            diagnostics.Error("too-deep", $"nested more than {MaxDepth} deep", line, column);
            return null;
        }

        switch (next)
        {
            case Scalar scalar:
                return new YamlScalar(scalar.Value, scalar.Style is ScalarStyle.Plain, line, column);

            case SequenceStart:
                var items = new List<YamlNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    if (ReadNode(parser, diagnostics, depth + 1) is not { } item) return null;
                    items.Add(item);
                }

                return new YamlList(items, line, column);

            case MappingStart:
                return ReadMapping(parser, diagnostics, depth, line, column);

            default:
                diagnostics.Error("yaml", "not valid YAML", line, column);
                return null;
        }
    }

    private static YamlMap? ReadMapping(Parser parser, Diagnostics diagnostics, int depth, int line, int column)
    {
        var entries = new List<YamlEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadNode(parser, diagnostics, depth + 1) is not { } key) return null;
            if (key is not YamlScalar name)
            {
                diagnostics.Error("key", $"a key must be a string, not {key.Kind}", key.Line, key.Column);
                return null;
            }

            if (name is { Text: "<<", IsPlain: true })
            {
                diagnostics.Error("merge-key", "merge keys are not allowed", key.Line, key.Column, "write the entries out");
                return null;
            }

            if (ReadNode(parser, diagnostics, depth + 1) is not { } value) return null;
            if (seen.Add(name.Text)) entries.Add(new(name, value));
            else diagnostics.Error("duplicate-key", $"the key `{name.Text}` stands twice", key.Line, key.Column, "keep one of them");
        }

        return new YamlMap(entries, line, column);
    }

    // SPEC: YAML 1.2.2, section 5.1, c-printable, without the tab. A lone surrogate would also share its policy's hash with U+FFFD.
    private static int? FindUnprintable(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var unit = text[at];
            if (unit is (>= ' ' and <= '~') or '\n' or '\r' or '\u0085' or (>= '\u00A0' and <= '\uD7FF') or (>= '\uE000' and <= '\uFFFD')) continue;
            if (!char.IsHighSurrogate(unit) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])) return at;
            at++;
        }

        return null;
    }

    private static string Reason(YamlException broken)
    {
        var text = broken.Message.AsSpan();
        var end = text.IndexOf('\n');
        return (end < 0 ? text : text[..end]).Trim().TrimEnd('.').ToString();
    }
}
