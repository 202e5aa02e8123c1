using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Conditions.Urls;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;
using McpShield.Policy.Tests.Unicode;

namespace McpShield.Policy.Tests.Conditions;

/// <summary>The short cuts for plain values are sound: what they take for canonical, the full way answers alike.</summary>
public sealed class PlainLawTests
{
    private const int Iterations = 20_000;

    private static readonly Gen<string> Odd = Gen.OneOf(
        Gen.OneOf("%", "%2f", "%2e", "%5c", "%00", "%25", "~", "$", "${", "$HOME", "\\", "//", ".", "..", " ", "\t", "\0", "\u007f", ":", "@", "[", "]", "é", "e\u0301", "ﬁ", "\u200b", "．", "／", "A:", "file:", "C:\\"),
        Arbitrary.Text, Gen.Char.Select(static character => character.ToString()));

    private static readonly Gen<string> Path = Gen.Select(
        Gen.OneOf("/", "/", "/", "/", "", "//", "///", "file:///"),
        Gen.Frequency((12, Gen.OneOf("a", "data", "docs", "a b", "x.md", "...", ".git", "~x", "a:b", "@", "{}", "-")), (1, Gen.OneOf("", ".", "..")), (1, Odd)).Array[0, 5],
        Gen.OneOf("", "", "", "/"),
        static (start, segments, end) => start + string.Join('/', segments) + end);

    private static readonly Gen<string> Url = Gen.Select(
        Gen.Frequency((8, Gen.OneOf("https", "http", "ftp", "a+b.c-1", "file", "x")), (1, Gen.OneOf("HTTPS", "1a", "", "é", "abcdefghijklmnopqrstuvwxyzabcdefgh"))),
        Gen.Frequency((12, Gen.Const("://")), (1, Gen.OneOf(":/", "//", ":", ":\\\\", ":///", "://a://"))),
        Gen.Frequency((12, Gen.OneOf("a", "example", "com", "b-c", "0a", "x1", "xn", "127")), (1, Gen.OneOf("", "-a", "a-", "A", "a_b", "xn--bcher-kva", "xn--a", "1", "0x7f", "0x", "é", new string('a', 63), new string('a', 64))), (1, Odd)).Array[1, 5].Select(static labels => string.Join('.', labels)),
        Gen.OneOf("", "", "", ":443", ":1", ":65535", ":0", ":65536", ":080", ":", ":4a", ":1:2", "@x", "."),
        Gen.Frequency((8, Gen.OneOf("", "/", "/a/b", "?q", "#f", "/a%20b", "/://b", "?a@b:1")), (1, Odd)),
        static (scheme, mark, host, port, rest) => $"{scheme}{mark}{host}{port}{rest}");

    [Fact]
    public void What_is_recognised_as_a_plain_path_is_its_own_canonical_form() => Path.Sample(text =>
        !PlainPath.Is(text) || (CanonicalPath.Of(text, PathStyle.Posix, null, out _) == text && CanonicalPath.Of(text, PathStyle.Posix, "/w", out _) == text && !ArgumentSelector.LooksLikeUrl(text)), iter: Iterations);

    [Fact]
    public void Of_a_plain_URL_scheme_host_and_port_are_those_of_its_canonical_form() => Url.Sample(text =>
        !PlainUrl.TryRead(text.AsMemory(), out var scheme, out var host, out var port)
        || CanonicalUrl.Of(text, out _) == new CanonicalUrl(scheme.ToString(), host.ToString(), null, port), iter: Iterations);

    // Every character at every place of an otherwise plain value: the tables of the recognisers hold no gap.
    [Fact]
    public void No_single_character_makes_a_recogniser_and_the_full_way_differ()
    {
        for (var code = 0; code <= char.MaxValue; code++)
        {
            var character = ((char)code).ToString();
            foreach (var path in new[] { character, "/" + character, $"/a{character}", $"/{character}b/c", $"/a/{character}{character}/b", $"/a{character}HOME{character}", $"/a/.{character}" })
            {
                Assert.True(!PlainPath.Is(path) || CanonicalPath.Of(path, PathStyle.Posix, "/w", out _) == path, $"U+{code:X4}: {path}");
            }

            foreach (var url in new[] { $"https://{character}", $"https://a{character}b.test/", $"https://a.{character}/x", $"https://a.test{character}x", $"https://a.test/{character}", $"ht{character}ps://a.test", $"https://a.test:1{character}/" })
            {
                if (!PlainUrl.TryRead(url.AsMemory(), out var scheme, out var host, out var port)) continue;
                Assert.True(CanonicalUrl.Of(url, out _) == new CanonicalUrl(scheme.ToString(), host.ToString(), null, port), $"U+{code:X4}: {url}");
            }
        }
    }

    [Fact]
    public void Lengths_end_where_those_of_the_full_way_end()
    {
        for (var length = 4_090; length < 4_100; length++)
        {
            var path = "/" + new string('a', length - 1);
            Assert.Equal(CanonicalPath.Of(path, PathStyle.Posix, null, out _) is not null, PlainPath.Is(path));
        }

        for (var length = 240; length < 270; length++)
        {
            var url = "https://" + string.Concat(Enumerable.Repeat("a.", length / 2)) + (length % 2 == 0 ? "a" : "ab");
            Assert.Equal(CanonicalUrl.Of(url, out _) is not null, PlainUrl.TryRead(url.AsMemory(), out _, out _, out _));
        }

        for (var length = 8_180; length < 8_200; length++)
        {
            var url = "https://a.test/".PadRight(length, 'x');
            Assert.Equal(CanonicalUrl.Of(url, out _) is not null, PlainUrl.TryRead(url.AsMemory(), out _, out _, out _));
        }
    }

    [Fact]
    public void Most_ordinary_values_are_plain()
    {
        Assert.All(["/", "/data", "/data/docs/a b.md", "/a:b/..c/d", "/.git/config"], path => Assert.True(PlainPath.Is(path), path));
        Assert.All(["https://example.com", "http://api.example.com:8080/v1?x=%20#y", "ftp://0a.b-c/"], url => Assert.True(PlainUrl.TryRead(url.AsMemory(), out _, out _, out _), url));
    }

    [Fact]
    public void The_beginning_of_a_text_says_whether_it_is_a_URL_as_the_whole_of_it_does() => Gen.OneOf(Url, Path, Odd).Sample(text =>
        text.Length == 0 || text[0] is <= ' ' or >= '\u007f' || ArgumentSelector.KindOfText(text) == ArgumentSelector.KindOfText(text.AsSpan(0, Math.Min(text.Length, ArgumentSelector.SchemeReach))), iter: Iterations);

    [Fact]
    public void An_argument_is_selected_alike_however_its_text_is_escaped() => Gen.Select(Gen.OneOf("filePath", "url", "File_Path", "x", "OLDPath", "webHook", "homeDir", "a_uri", "pathé"), Gen.OneOf(Url, Path)).Sample((name, text) =>
    {
        if (text.Any(char.IsSurrogate) || text.Any(char.IsControl)) return true;
        using var plain = Read($"{{\"{name}\":{Quote(text)}}}");
        using var escaped = Read($"{{\"{Escape(name)}\":\"{Escape(text)}\"}}");
        return Kinds(plain).SequenceEqual(Kinds(escaped));
    }, iter: Iterations);

    [Fact]
    public void A_brief_look_and_a_full_one_answer_alike_for_every_value() => Gen.Select(Gen.OneOf(Path, Url, Odd), Gen.OneOf("path", "url", "x"), Gen.OneOf("allow", "deny")).Sample((text, name, decision) =>
    {
        if (text.Any(char.IsSurrogate)) return true;
        var policy = Policies[decision];
        using var tree = Read($"{{\"{name}\":\"{JsonEncodedText.Encode(text)}\",\"y\":[{Quote(text)}]}}");
        foreach (var tool in new[] { "t.path", "t.glob", "t.ext", "t.url", "t.blocked", "t.named" })
        {
            var call = new ToolCall(tool, tree.Root, CallContext.Empty);
            var (judged, explained) = (Authorizer.Judge(policy, call), Authorizer.Explain(policy, call));
            if (judged != new Verdict(explained.Outcome, explained.Rule, explained.Reason)) return false;
        }

        return true;
    }, iter: Iterations);

    private static readonly Dictionary<string, CompiledPolicy> Policies = new[] { "allow", "deny" }.ToDictionary(static decision => decision, static decision => PolicyLoader.Load($$"""
        version: 1
        default: {{(decision == "deny" ? "allow" : "deny")}}
        settings: {working_directory: /data}
        rules:
          - {tool: t.path, decision: {{decision}}, conditions: {path_prefix: [/data, /a] } }
          - {tool: t.glob, decision: {{decision}}, conditions: {path_glob: ['/**/docs/*', '/a/?']} }
          - {tool: t.ext, decision: {{decision}}, conditions: {path_extension: [md, git]} }
          - {tool: t.url, decision: {{decision}}, conditions: {allowed_domains: ['*.example', '*.com', a, 'x1:443']} }
          - {tool: t.blocked, decision: {{decision}}, conditions: {blocked_domains: ['*.com', example]} }
          - {tool: t.named, decision: {{decision}}, conditions: {path_prefix: {params: [y, path, url], any_of: /data} } }
        """).Policy!, StringComparer.Ordinal);

    private static List<ArgumentKind> Kinds(JsonTree tree)
    {
        var found = new List<SelectedArgument>();
        ArgumentSelector.Select(tree.Root, withPointers: false, found);
        return [.. found.Select(static argument => argument.Kind)];
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static string Escape(string text) => string.Concat(text.Select(static unit => $"\\u{(int)unit:x4}"));

    private static JsonTree Read(string text)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(text), JsonLimits.Arguments, out var tree, out var fault), fault.ToString());
        return tree!;
    }
}
