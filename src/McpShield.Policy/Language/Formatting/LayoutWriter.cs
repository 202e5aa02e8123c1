using System.Text;

namespace McpShield.Policy.Language.Formatting;

/// <summary>Writes a layout in the one form that policies have.</summary>
internal sealed class LayoutWriter
{
    private const int MaxWidth = 120;
    private const int Step = 2;

    public static string Write(LayoutCollection root)
    {
        var lines = Header(root);
        lines.AddRange(Block(root, indent: 0, Place.Policy));
        return TrailingComments.Join(lines);
    }

    // What stands before the first key speaks of the file, also when that key finds its place further down.
    private static List<OutputLine> Header(LayoutCollection root)
    {
        if (root.Entries is not [{ Leading: { Count: > 0 } leading } first, ..]) return [];
        var own = leading.FindLastIndex(static comment => comment.HasBlankBefore);
        if (own <= 0) own = leading.Count;
        var lines = Comments(leading.Take(own), 0).ToList();
        if (own < leading.Count ? leading[own].HasBlankBefore : first.HasBlankBefore) lines.Add(OutputLine.Blank);
        leading.RemoveRange(0, own);
        return lines;
    }

    private static List<OutputLine> Block(LayoutCollection collection, int indent, Place place)
    {
        var lines = new List<OutputLine>();
        var before = 0;
        foreach (var entry in KeyOrder.Sort(collection.Entries, place, static entry => entry.Key?.Value ?? ""))
        {
            var own = entry.Key is null ? Item(entry, indent, KeyOrder.Below(place, key: null)) : Pair(entry, indent, KeyOrder.Below(place, entry.Key.Value));
            var isApart = place is Place.Rules && (before > 1 || own.Count > 1);
            var leading = Comments(entry.Leading, indent).ToList();
            if (leading.Count > 0 && entry.HasBlankBefore) leading.Add(OutputLine.Blank);
            leading.AddRange(own);
            isApart |= entry.Leading.Count > 0 ? place is Place.Rules || entry.Leading[0].HasBlankBefore : entry.HasBlankBefore;
            Append(lines, leading, isApart);
            before = leading.Count;
        }

        if (collection.Closing.Count > 0) Append(lines, Comments(collection.Closing, indent).ToList(), collection.Closing[0].HasBlankBefore);
        return lines;
    }

    private static void Append(List<OutputLine> lines, List<OutputLine> more, bool isApart)
    {
        if (lines.Count > 0 && isApart && !more[0].IsBlank) lines.Add(OutputLine.Blank);
        lines.AddRange(more[0].IsBlank && lines.Count == 0 ? more.Skip(1) : more);
    }

    private static IEnumerable<OutputLine> Comments(IEnumerable<Comment> comments, int indent)
    {
        foreach (var (index, comment) in comments.Index())
        {
            if (index > 0 && comment.HasBlankBefore) yield return OutputLine.Blank;
            yield return new(indent, comment.Text, Comment: null) { IsComment = true };
        }
    }

    private static List<OutputLine> Pair(LayoutEntry entry, int indent, Place place) => Value(entry, $"{entry.Key!.Raw}:", indent, indent + Step, place);

    private static List<OutputLine> Item(LayoutEntry entry, int indent, Place place)
    {
        if (entry.Opener is not null || entry.Value is not LayoutCollection { Entries.Count: > 0 } collection || OneLine(entry, "-", indent, place) is not null)
        {
            return Value(entry, "-", indent, indent + Step, place);
        }

        // The first line of the block goes beside the dash; comments that would stand between them go above.
        var block = Block(collection, indent + Step, place);
        var above = block.TakeWhile(static line => line.IsComment || line.IsBlank).ToList();
        var lines = above.Select(line => line with { Indent = indent }).ToList();
        var first = block[above.Count];
        lines.Add(first with { Indent = indent, Text = $"- {first.Text}" });
        lines.AddRange(block.Skip(above.Count + 1));
        AddTrailing(lines, entry.Trailing, indent + Step);
        return lines;
    }

    private static List<OutputLine> Value(LayoutEntry entry, string opening, int indent, int deeper, Place place)
    {
        if (OneLine(entry, opening, indent, place) is { } line) return [new(indent, line, entry.Trailing)];
        var lines = new List<OutputLine>();
        if (entry.Value is LayoutCollection { Entries.Count: > 0 } collection)
        {
            lines.Add(new(indent, opening, entry.Opener));
            lines.AddRange(Block(collection, deeper, place));
            AddTrailing(lines, entry.Trailing, deeper);
            return lines;
        }

        var value = entry.Value is LayoutScalar scalar ? ScalarLines.Of(scalar, deeper) : [new(deeper, Flow(entry.Value, place)!, Comment: null)];
        var isBeside = entry.Opener is null && entry.BeforeValue.Count == 0;
        if (!isBeside)
        {
            lines.Add(new(indent, opening, entry.Opener));
            lines.AddRange(Comments(entry.BeforeValue, deeper));
        }

        lines.AddRange(isBeside ? value.Select((part, index) => index == 0 ? part with { Indent = indent, Text = $"{opening} {part.Text}" } : part) : value);
        var at = entry.Value is LayoutScalar { IsBlock: true } && value.Count > 1 ? lines.Count - value.Count : lines.Count - 1;
        lines[at] = lines[at] with { Comment = entry.Trailing };
        return lines;
    }

    // A flow collection that became a block has no closing brace whose line a comment could share.
    private static void AddTrailing(List<OutputLine> lines, Comment? trailing, int indent)
    {
        if (trailing is null) return;
        if (lines[^1] is { Comment: null, IsComment: false, IsBlank: false }) lines[^1] = lines[^1] with { Comment = trailing };
        else lines.Add(new(indent, trailing.Text, Comment: null) { IsComment = true });
    }

    private static string? OneLine(LayoutEntry entry, string opening, int indent, Place place)
    {
        if (entry.Opener is not null || entry.BeforeValue.Count > 0 || Flow(entry.Value, place) is not { } text) return null;
        var line = text.Length == 0 ? opening : $"{opening} {text}";
        return entry.Value is LayoutCollection { Entries.Count: > 0 } && indent + line.Length > MaxWidth ? null : line;
    }

    /// <summary>The value on one line; <c>null</c> when it does not go on one.</summary>
    private static string? Flow(LayoutNode node, Place place)
    {
        if (node is LayoutScalar scalar) return scalar is { IsOneLine: true, IsBlock: false } ? scalar.Raw : null;
        var collection = (LayoutCollection)node;
        if (collection.Entries.Count == 0) return collection.Closing.Count > 0 ? null : collection.IsMap ? "{}" : "[]";
        if (!collection.IsFlow || collection.Closing.Count > 0) return null;
        var text = new StringBuilder(collection.IsMap ? "{" : "[");
        foreach (var entry in KeyOrder.Sort(collection.Entries, place, static entry => entry.Key?.Value ?? ""))
        {
            if (entry.Leading.Count > 0 || entry.Opener is not null || entry.BeforeValue.Count > 0 || entry.Trailing is not null) return null;
            if (Flow(entry.Value, KeyOrder.Below(place, entry.Key?.Value)) is not { } value) return null;
            if (text.Length > 1) text.Append(", ");
            if (entry.Key is not null) text.Append(entry.Key.Raw).Append(": ");
            text.Append(value);
        }

        return text.Append(collection.IsMap ? '}' : ']').ToString();
    }
}
