using System.Text;
using McpShield.Policy.Conditions;
using McpShield.Policy.Json;

namespace McpShield.Policy.Tests.Conditions;

/// <summary>Which arguments are paths and URLs, and where they stand.</summary>
public sealed class ArgumentSelectorTests
{
    [Theory]
    [InlineData("ab://x", true)]
    [InlineData("ab://", true)]
    [InlineData(@"ab:\\x", true)]
    [InlineData(" \t https://x", true)]
    [InlineData("a://x", false)]
    [InlineData("ab:/", false)]
    [InlineData("ab:", false)]
    [InlineData("ab:/x", false)]
    [InlineData("ab:x/", false)]
    [InlineData("://x", false)]
    [InlineData("a b://x", false)]
    [InlineData("FILE://x", false)]
    public void A_text_looks_like_a_url_by_its_scheme_and_two_slashes(string text, bool looks) => Assert.Equal(looks, ArgumentSelector.LooksLikeUrl(text));

    [Theory]
    [InlineData("file_path", "file_path")]
    [InlineData("filePath", "file_path")]
    [InlineData("FilePath", "file_path")]
    [InlineData("File_Path", "file_path")]
    [InlineData("FILEPATH", "filepath")]
    [InlineData("someURL", "some_url")]
    [InlineData("URLPath", "url_path")]
    [InlineData("A", "a")]
    [InlineData("aB", "a_b")]
    [InlineData("ABc", "a_bc")]
    [InlineData("aAaA", "a_aa_a")]
    [InlineData("aÄ", "a_ä")]
    [InlineData("", "")]
    public void Words_of_a_name_are_told_apart_however_they_are_written(string name, string folded) => Assert.Equal(folded, ArgumentSelector.FoldName(name));

    [Theory]
    [InlineData("""{"path": 1, "note": "x", "url": null}""", "/path Path, /url Url")]
    [InlineData("""{"note": "https://x", "other": "FILE:/x", "path": "ab://x", "url": "file:/x"}""", "/note Url, /other Path, /path Url, /url Path")]
    [InlineData("""{"paths": ["a", ["b", {"c": "d", "dir": "e"}], "f"], "n": 1}""", "/paths/0 Path, /paths/1/0 Path, /paths/1/1/dir Path, /paths/2 Path")]
    [InlineData("""{"a/b~c": {"FilePath": "x"}, "href": ["y"]}""", "/a~1b~0c/FilePath Path, /href/0 Url")]
    [InlineData("""{"path": {"x": 1}, "_path": "a", "my_url": "b", "url_my": "c", "my_urls": "d"}""", "/_path Path, /my_url Url, /my_urls Url")]
    [InlineData("""{"p\u0061th": "x", "\u00e4Path": "x"}""", "/path Path, /äPath Path")]
    [InlineData("""{"note": "\u00a0https://x", "more": "\u0020\u0009file:x", "": "x"}""", "/note Url, /more Path")]
    public void An_argument_is_selected_by_its_name_or_its_value(string arguments, string expected) => Assert.Equal(expected, Selected(arguments));

    [Fact]
    public void Neither_a_long_name_nor_much_space_before_it_hides_an_argument()
    {
        var (words, space) = (string.Concat(Enumerable.Repeat("Ab", 200)), new string(' ', 300));

        Assert.Equal($"/{words}Path Path, /note Url", Selected($$"""{"{{words}}Path": "x", "note": "{{space}}https://x"}"""));
        for (var length = 1; length < 140; length++) Assert.Equal($"/{new string('A', length)}_Path Path", Selected($$"""{"{{new string('A', length)}}_Path": "x"}"""));
        for (var length = 2; length < 140; length++) Assert.Equal(length <= 32 ? "/note Url" : "", Selected($$"""{"note": "{{new string('a', length)}}://"}"""));
    }

    private static string Selected(string arguments)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(arguments), JsonLimits.Arguments, out var tree, out var fault), fault.Message);
        using (tree)
        {
            var found = new List<SelectedArgument>();
            ArgumentSelector.Select(tree!.Root, withPointers: true, found);
            return string.Join(", ", found.Select(static one => $"{one.Pointer} {one.Kind}"));
        }
    }
}
