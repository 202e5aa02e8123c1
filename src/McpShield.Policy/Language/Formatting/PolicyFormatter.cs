using System.Collections.Immutable;

namespace McpShield.Policy.Language.Formatting;

/// <summary>Writes a policy in the one layout that all policies have. Every comment stays, and nothing that the policy says changes.</summary>
public static class PolicyFormatter
{
    // A comment may come to stand below another one, and is then lined up with it the next time.
    private const int MaxRounds = 4;

    /// <summary>Formats <paramref name="yaml"/>. Never throws for what the text holds; a text that it cannot format safely is refused.</summary>
    public static PolicyFormatResult Format(string yaml)
    {
        var diagnostics = new Diagnostics();
        var root = YamlReader.Read(yaml, diagnostics);
        if (root is null || diagnostics.HasErrors) return new(null, diagnostics.ToArray());
        try
        {
            var text = Normalize(yaml);
            var formatted = text;
            var isStable = false;
            for (var round = 0; round < MaxRounds && !isStable; round++)
            {
                var before = formatted;
                formatted = FormatOnce(before);
                isStable = formatted == before;
            }

            // INVARIANT: what is handed out says the same, keeps every comment, and is its own format. Whatever the code above may do.
            if (isStable && SaysTheSame(root, formatted) && KeepsComments(text, formatted)) return new(formatted, []);
            diagnostics.Error("cannot-format", "this text cannot be laid out anew without changing what it says", 1, 1, "write the unusual parts of it plainly");
        }
        catch (CannotFormatException reason)
        {
            var lines = new TextLines(yaml);
            var at = Math.Min(reason.At, yaml.Length);
            diagnostics.Error("cannot-format", $"cannot be laid out anew: {reason.Message}", lines.LineOf(at) + 1, lines.ColumnOf(at) + 1);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The text stays as it is, which is always right.
            diagnostics.Error("cannot-format", "this text cannot be laid out anew", 1, 1);
        }

        return new(null, diagnostics.ToArray());
    }

    private static string FormatOnce(string text)
    {
        var (root, comments) = Read(text);
        new CommentPlacement(comments).Place(root);
        return LayoutWriter.Write(root);
    }

    private static (LayoutCollection Root, List<Comment> Comments) Read(string text)
    {
        var lines = new TextLines(text);
        var reader = new LayoutReader(text, lines);
        if (reader.Read() is not LayoutCollection { Entries.Count: > 0, IsMap: true } root) throw new CannotFormatException("a policy is a mapping", 0);
        return (root, CommentScanner.Find(text, lines, reader.Scalars));
    }

    // Line ends are not part of what a policy says; other characters that YAML 1.1 took for line ends would shift all positions.
    private static string Normalize(string yaml)
    {
        var text = yaml.Replace("\r\n", "\n", StringComparison.Ordinal);
        var odd = text.AsSpan().IndexOfAny("\r\u0085\u2028\u2029\uFEFF");
        return odd < 0 ? text : throw new CannotFormatException("it holds an unusual line end or an invisible character", yaml.AsSpan().IndexOf(text[odd]));
    }

    private static bool SaysTheSame(YamlNode root, string formatted) =>
        YamlReader.Read(formatted, new()) is { } again && SameMeaning.Of(root, again);

    private static bool KeepsComments(string text, string formatted)
    {
        var before = Read(text).Comments.Select(static comment => comment.Text).Order(StringComparer.Ordinal);
        return before.SequenceEqual(Read(formatted).Comments.Select(static comment => comment.Text).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }
}

/// <summary>What became of a text.</summary>
/// <param name="Text">The text in its canonical layout, or <c>null</c> when it was refused.</param>
/// <param name="Diagnostics">Why it was refused; empty when it was not.</param>
public sealed record PolicyFormatResult(string? Text, ImmutableArray<Diagnostic> Diagnostics);
