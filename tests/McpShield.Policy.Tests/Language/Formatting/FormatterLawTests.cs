using System.Text.Json;
using CsCheck;
using McpShield.Policy.Language;
using McpShield.Policy.Language.Formatting;

namespace McpShield.Policy.Tests.Language.Formatting;

/// <summary>What holds for every text, whatever it holds.</summary>
public sealed class FormatterLawTests
{
    private const int Texts = 4_000;

    private static readonly Gen<string> Token = Gen.OneOf(
        Gen.Char.Select(static one => one.ToString()),
        Gen.OneOf(
            "\n", "\n\n\n", " ", "   ", "\n  ", "\n# own line\n", "\n      # deep\n", " # trailing\n", "#", "# x\n#y\n", ": ", "- ", "-\n", "[", "]", "{", "}", ", ", "[ # in flow\n", "{a: b, # in flow\n c: d}", "[]", "{ }",
            "'", "\"", "\\", "|\n", "|-  # why\n", ">+\n", "|2\n", "? ", "---\n", "...\n", "&a ", "*a", "!!str ", "\r\n", "~", "null", "1.50", "'#'", "\"a # b\"", "a#b", "\u00e9", "\U0001F512",
            "\"two\n   lines\"", "two\n      lines", "- - x\n", "rules:\n", "version: 1\n", "\ntests: [{name: a}]\n", "id: x\n", "settings: {working_directory: /a, path_style: posix}\n"));

    /// <summary>Formatted twice is formatted once; the same meaning; every comment exactly once, and in order where no key had to move.</summary>
    [Fact]
    public void No_text_is_changed_in_what_it_says_or_loses_a_comment()
    {
        var pcg = new PCG(7, 2026);
        var seeds = Seeds();
        var seed = Gen.Int[0, seeds.Count - 1];
        var mutations = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 10_000], Gen.Int[0, 10_000], Token).Array[0, 4];
        var (formatted, refused) = (0, new Dictionary<string, List<string>>(StringComparer.Ordinal));
        for (var i = 0; i < Texts; i++)
        {
            var text = seeds[seed.Generate(pcg, null, out _)];
            foreach (var (how, at, length, token) in mutations.Generate(pcg, null, out _)) text = Mutate(text, how, at, length, token);
            var result = PolicyFormatter.Format(text);
            if (result.Text is { } layout)
            {
                AssertLaws(text, layout);
                formatted++;
            }
            else
            {
                var reason = result.Diagnostics.First(static one => one.Severity is Severity.Error);
                if (reason.Code == "cannot-format")
                {
                    if (!refused.TryGetValue(reason.Message, out var texts)) refused[reason.Message] = texts = [];
                    texts.Add(text);
                }
            }
        }

        // A formatter that refuses would keep every law, too. What it finds odd is counted, and what it gives up on in its own last check is rare.
        Assert.True(formatted > Texts / 4, $"only {formatted} of {Texts} texts were formatted");
        var givenUp = refused.Where(static one => one.Key.StartsWith("this text", StringComparison.Ordinal)).SelectMany(static one => one.Value).ToList();
        Assert.True(givenUp.Count <= formatted / 200, $"{givenUp.Count} of {formatted}\n{string.Join("\n=====\n", givenUp.OrderBy(static one => one.Length).Take(5))}");
    }

    private static void AssertLaws(string text, string layout)
    {
        Assert.Equal(layout, PolicyFormatter.Format(layout).Text);
        Assert.EndsWith("\n", layout, StringComparison.Ordinal);
        var (before, after) = (YamlReader.Read(text, new()), YamlReader.Read(layout, new()));
        Assert.True(before is not null && after is not null && SameMeaning.Of(before, after), text);
        var (comments, kept) = (Comments(text), Comments(layout));
        if (!HasLongScalar(layout)) Assert.DoesNotContain("\n\n\n", layout, StringComparison.Ordinal);
        Assert.Equal(comments.Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
        if (KeysInOrder(before!).SequenceEqual(KeysInOrder(after!), StringComparer.Ordinal)) Assert.Equal(comments, kept);
    }

    private static List<string> Comments(string text)
    {
        var (lines, scalars) = Scalars(text.Replace("\r\n", "\n", StringComparison.Ordinal));
        return [.. CommentScanner.Find(text.Replace("\r\n", "\n", StringComparison.Ordinal), lines, scalars).Select(static comment => comment.Text)];
    }

    private static bool HasLongScalar(string text) => Scalars(text).Scalars.Any(static scalar => !scalar.IsOneLine);

    private static (TextLines Lines, List<LayoutScalar> Scalars) Scalars(string text)
    {
        var lines = new TextLines(text);
        var reader = new LayoutReader(text, lines);
        reader.Read();
        return (lines, reader.Scalars);
    }

    private static IEnumerable<string> KeysInOrder(YamlNode node) => node switch
    {
        YamlMap map => map.Entries.SelectMany(static entry => KeysInOrder(entry.Value).Prepend(entry.Key.Text)),
        YamlList list => list.Items.SelectMany(KeysInOrder),
        _ => [],
    };

    private static string Mutate(string text, int how, int at, int length, string token)
    {
        var from = at % (text.Length + 1);
        var count = Math.Min(length % 12, text.Length - from);
        var lineEnd = text.IndexOf('\n', from) is var end && end < 0 ? text.Length : end;
        return how switch
        {
            0 => text.Insert(from, token),
            1 => text.Insert(lineEnd, " # note " + at),
            2 => text.Insert(lineEnd, "\n" + new string(' ', length % 9) + "# line " + at),
            3 => text.Remove(from, count).Insert(from, token),
            4 => text.Insert(length % (text.Length + 1), text.Substring(from, Math.Min(40, text.Length - from))),
            _ => text.Insert(lineEnd, "\n"),
        };
    }

    private static List<string> Seeds()
    {
        using var samples = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", "samples.json")));
        var seeds = samples.RootElement.GetProperty("policies").EnumerateObject().Select(static policy => policy.Value.GetString()!).ToList();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Conformance", "formatting")).Order(StringComparer.Ordinal))
        {
            seeds.AddRange(File.ReadAllText(file).Split("----------\n"));
        }

        return seeds;
    }
}
