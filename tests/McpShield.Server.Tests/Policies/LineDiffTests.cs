using CsCheck;
using McpShield.Server.Features.Policies;

namespace McpShield.Server.Tests.Policies;

public sealed class LineDiffTests
{
    private static readonly Gen<string> Text = Gen.Int[0, 3].Select(static number => "abcd"[number].ToString()).Array[0, 30].Select(static lines => string.Concat(lines.Select(static line => line + "\n")));

    [Fact]
    public void What_a_diff_takes_away_and_adds_makes_the_new_text_of_the_old_one() =>
        Gen.Select(Text, Text).Sample(static (before, after) => Assert.Equal(after, Applied(before, LineDiff.Unified(before, after))));

    [Fact]
    public void Texts_that_are_alike_have_no_diff() => Text.Sample(static text => Assert.Empty(LineDiff.Unified(text, text)));

    [Fact]
    public void Two_large_texts_without_a_common_line_are_one_replacement()
    {
        var (before, after) = (string.Concat(Enumerable.Range(0, 3_000).Select(static number => $"a{number}\n")), string.Concat(Enumerable.Range(0, 3_000).Select(static number => $"b{number}\n")));

        Assert.Equal(after, Applied(before, LineDiff.Unified(before, after)));
    }

    private static string Applied(string before, IReadOnlyList<string> diff)
    {
        var (old, made, at) = (before.Split('\n')[..^1], new List<string>(), 0);
        foreach (var line in diff)
        {
            switch (line[0])
            {
                case '@':
                    var start = line.Split(' ')[1][1..].Split(',');
                    var begin = int.Parse(start[0], System.Globalization.CultureInfo.InvariantCulture) - (start[1] == "0" ? 0 : 1);
                    while (at < begin) made.Add(old[at++]);
                    break;
                case '-':
                    Assert.Equal(old[at++], line[1..]);
                    break;
                case ' ':
                    Assert.Equal(old[at], line[1..]);
                    made.Add(old[at++]);
                    break;
                default:
                    made.Add(line[1..]);
                    break;
            }
        }

        while (at < old.Length) made.Add(old[at++]);
        return string.Concat(made.Select(static line => line + "\n"));
    }
}
