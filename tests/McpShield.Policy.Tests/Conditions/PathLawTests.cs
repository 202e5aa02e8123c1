using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;
using McpShield.Policy.Tests.Unicode;

namespace McpShield.Policy.Tests.Conditions;

/// <summary>What holds of every canonical path (policy language, section 4).</summary>
public sealed class PathLawTests
{
    private const int Iterations = 2_000;

    private static readonly Gen<string> Segment = Gen.Frequency(
        (8, Gen.OneOf("a", "b", "A", "ab", "a b", ".", "..", "...", "", ".git", "%20", "%2e", "%41", "%", "$", "~", "café", "cafe\u0301", "ß", "ss", "İ", "日本", "ﬁ", "K", "a.", "CON", "a:b")),
        (1, Arbitrary.Text));

    private static readonly Gen<string> Posix = Gen.Select(Gen.OneOf("/", "/", "/", "", "///", "//", "file:///", "file:/"), Segment.Array[0, 5], static (start, segments) => start + string.Join('/', segments));

    private static readonly Gen<string> Windows = Gen.Select(
        Gen.OneOf(@"C:\", @"C:\", "c:/", @"D:\", "", @"\", @"\\", "file:///C:/"), Gen.OneOf(@"\", "/"), Segment.Array[0, 5],
        static (start, separator, segments) => start + string.Join(separator, segments));

    public static TheoryData<bool> Styles => [false, true];

    [Theory]
    [MemberData(nameof(Styles))]
    public void The_canonical_form_of_a_canonical_form_is_itself(bool windows) => Any(windows).Sample(text =>
        Canonical(text, windows) is not { } once || Canonical(once, windows) == once, iter: Iterations);

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_canonical_path_is_absolute_and_has_neither_dot_segments_nor_empty_ones(bool windows) => Any(windows).Sample(text =>
        Canonical(text, windows) is not { } path
        || (path.StartsWith(windows ? path[0] + @":\" : "/", StringComparison.Ordinal) && Segments(path, windows).All(static segment => segment is not ("." or "..") && segment.Length > 0)), iter: Iterations);

    [Theory]
    [MemberData(nameof(Styles))]
    public void Inside_is_what_a_comparison_of_segments_says(bool windows) => Gen.Select(Any(windows), Any(windows)).Sample((left, right) =>
    {
        if (Canonical(left, windows) is not { } path || Canonical(right, windows) is not { } prefix) return true;
        var (ours, wanted) = (Segments(path, windows), Segments(prefix, windows));
        var same = windows ? StringComparer.InvariantCultureIgnoreCase : StringComparer.Ordinal;
        if (windows && !(path + prefix).All(char.IsAscii)) return true; // how other letters fold is the Unicode tests' subject

        var expected = (!windows || path[0] == prefix[0]) && wanted.Length <= ours.Length && wanted.SequenceEqual(ours.Take(wanted.Length), same);
        return CanonicalPath.IsInside(path, prefix, StyleOf(windows)) == expected;
    }, iter: Iterations);

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_path_is_inside_of_itself_and_of_each_of_its_parents_and_a_sibling_is_not(bool windows) => Any(windows).Sample(text =>
    {
        if (Canonical(text, windows) is not { } path || Segments(path, windows) is not { Length: > 0 } segments) return true;
        var (root, separator) = windows ? (path[..3], '\\') : ("/", '/');
        return Enumerable.Range(0, segments.Length + 1).All(count => CanonicalPath.IsInside(path, root + string.Join(separator, segments[..count]), StyleOf(windows)))
            && !CanonicalPath.IsInside(path + "x", path, StyleOf(windows))
            && CanonicalPath.IsInside(path + separator + "x", path, StyleOf(windows));
    }, iter: Iterations);

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_path_with_one_separator_or_dot_segment_encoded_has_no_canonical_form(bool windows) => Gen.Select(Any(windows), Gen.Int[0, 9], Gen.Int[1, 3]).Sample((text, which, rounds) =>
    {
        if (text.StartsWith("file:", StringComparison.Ordinal) || Canonical(text, windows) is not { } path) return true;
        var places = Regex.Matches(path[1..], windows ? @"\\" : "/", RegexOptions.None, TimeSpan.FromSeconds(10));
        if (places.Count == 0) return true;
        var at = places[which % places.Count].Index + 1;
        var encoded = rounds switch { 1 => "%", 2 => "%25", _ => "%2525" } + (windows ? "5c" : "2f");

        return Canonical(path[..at] + encoded + path[(at + 1)..], windows) is null
            && Canonical(path + (windows ? '\\' : '/') + encoded[..^2] + "2e" + encoded[..^2] + "2E", windows) is null;
    }, iter: Iterations);

    [Fact]
    public void Where_a_path_leads_does_not_depend_on_doubled_separators_and_single_dots() => Posix.Sample(text =>
    {
        if (Canonical(text, windows: false) is not { } path || path.Length < 2 || text.StartsWith("file:", StringComparison.Ordinal)) return true;
        var spread = "/." + path.Replace("/", "//.///", StringComparison.Ordinal) + "/";
        return Canonical(spread, windows: false) == path && Canonical(path + "/x/..", windows: false) == path;
    }, iter: Iterations);

    [Fact]
    public void A_glob_matches_what_its_regular_expression_matches()
    {
        var piece = Gen.OneOf("a", "b", "/", "/", "*", "**", "?", "**/", ".", "[a]", "+");
        Gen.Select(piece.Array[0, 6], Gen.OneOf("a", "b", "/", "ab", ".", "[a]", "+").Array[0, 6]).Sample((pieces, parts) =>
        {
            var (glob, path) = ("/" + string.Concat(pieces), "/" + string.Concat(parts));
            var naive = Regex.Replace(Regex.Escape(glob), @"(?:\\\*){2,}/|(?:\\\*){2,}|\\\*|\\\?", static found => found.Value switch
            {
                @"\*" => "[^/]*",
                @"\?" => "[^/]",
                _ => found.Value.EndsWith('/') ? "(?:.*/)?" : ".*",
            }, RegexOptions.None, TimeSpan.FromSeconds(10));

            // Three stars and more are `**` and then `*` or `**`: another grouping, and none that anybody writes.
            return glob.Contains("***", StringComparison.Ordinal)
                || new PathGlob(glob, PathStyle.Posix).Matches(path) == Regex.IsMatch(path, $@"\A{naive}\z", RegexOptions.None, TimeSpan.FromSeconds(10));
        }, iter: 5_000);
    }

    // One question through the front door: the laws above hold for what a rule is asked, too.
    [Fact]
    public void A_path_is_let_through_exactly_when_its_canonical_form_lies_inside()
    {
        var policy = PolicyLoader.Load("version: 1\nsettings: {working_directory: /w}\nrules:\n  - {tool: fs.read, decision: allow, conditions: {path_prefix: {params: [p], any_of: [/a, /b]}}}\n").Policy!;
        Posix.Where(static text => text.All(static unit => !char.IsSurrogate(unit))).Sample(text =>
        {
            using var tree = Read($"{{\"p\":\"{JsonEncodedText.Encode(text)}\"}}");
            var allowed = Authorizer.Decide(policy, new("fs.read", tree.Root, CallContext.Empty)).Outcome is Outcome.Allow;
            var path = Canonical(text, windows: false);
            return allowed == (path is not null && (path is "/a" or "/b" || path.StartsWith("/a/", StringComparison.Ordinal) || path.StartsWith("/b/", StringComparison.Ordinal)));
        }, iter: Iterations);
    }

    private static JsonTree Read(string text)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(text), JsonLimits.Arguments, out var tree, out _));
        return tree!;
    }

    private static Gen<string> Any(bool windows) => windows ? Windows : Posix;

    private static PathStyle StyleOf(bool windows) => windows ? PathStyle.Windows : PathStyle.Posix;

    private static string? Canonical(string text, bool windows) => CanonicalPath.Of(text, StyleOf(windows), windows ? @"C:\w" : "/w", out _);

    private static string[] Segments(string path, bool windows) => windows
        ? path.Length == 3 ? [] : path[3..].Split('\\')
        : path.Length == 1 ? [] : path[1..].Split('/');
}
