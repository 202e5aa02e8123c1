using System.Text;
using System.Text.Json;
using CsCheck;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Language;

public sealed class LoaderTests
{
    private const string Rule = "version: 1\nrules:\n  - tool: fs.read\n    decision: allow\n";

    /// <summary>Text, code, line, column, hint.</summary>
    public static TheoryData<string, string, int, int, string?> Mistakes => new()
    {
        { "", "empty", 1, 1, "start with `version: 1`" },
        { "rules: []\n", "missing-key", 1, 1, "start with `version: 1`" },
        { "version: 1\n", "missing-key", 1, 1, "write `rules: []` for none" },
        { "version: \"1\"\nrules: []\n", "wrong-type", 1, 10, "write `version: 1`" },
        { "version: 2\nrules: []\n", "unknown-version", 1, 10, "this program reads version 1" },
        { "version: 1\nrule: []\nrules: []\n", "unknown-key", 2, 1, "did you mean `rules`?" },
        { "version: 1\nname: a\nname: b\nrules: []\n", "duplicate-key", 3, 1, "keep one of them" },
        { "version: 1\ndefault: Deny\nrules: []\n", "unknown-value", 2, 10, "did you mean `deny`?" },
        { "version: 1\nname: 5\nrules: []\n", "wrong-type", 2, 7, "put it in quotes" },
        { "version: 1\nrules:\n\t- tool: x\n", "tab", 3, 1, "indent with spaces" },
        { "version: 1\nname: &n x\nrules: []\n", "anchor", 2, 7, "write the value out where it is needed" },
        { "version: 1\nname: *n\nrules: []\n", "alias", 2, 7, "write the value out" },
        { "version: 1\n<<: {name: a}\nrules: []\n", "merge-key", 2, 1, "write the entries out" },
        { "version: 1\nname: !!str a\nrules: []\n", "tag", 2, 7, null },
        { "version: 1\nrules: []\n---\nversion: 1\n", "second-document", 3, 1, "remove everything from `---` on" },
        { "version: 1\nrules:\n  - tool: fs.read\n", "missing-key", 3, 5, null },
        { "version: 1\nrules:\n  - tool: fs.read\n    decision: Allow\n", "unknown-value", 4, 15, "did you mean `allow`?" },
        { "version: 1\nrules:\n  - {tool: x, descision: allow, decision: allow}\n", "unknown-key", 3, 15, "did you mean `decision`?" },
        { "version: 1\nrules:\n  - {id: a, tool: x, decision: allow}\n  - {id: a, tool: y, decision: allow}\n", "duplicate-id", 4, 10, null },
        { "version: 1\nsettings: {working_directory: work}\nrules: []\n", "path", 2, 31, "write an absolute path" },
        { Rule + "    conditions:\n      path_prefx: /a\n", "unknown-key", 6, 7, "did you mean `path_prefix`?" },
        { Rule + "    conditions:\n      path_prefix: [/a, b]\n", "path", 6, 25, "write an absolute path without `..`, `~` and encoded characters" },
        { Rule + "    conditions:\n      path_prefix: []\n", "empty-value", 6, 20, null },
        { Rule + "    conditions:\n      allowed_domains:\n        - a.test\n        - https://b.test/\n", "domain", 8, 11, "write the host name alone, without scheme and path" },
        { Rule + "    conditions:\n      allowed_domains: ['api.*.com']\n", "domain", 6, 25, "write `*.example.com` for every sub-domain of example.com" },
        { Rule + "    conditions:\n      allowed_domains: [10.0.0.1]\n", "domain", 6, 25, "use `allowed_ips`" },
        { Rule + "    conditions:\n      allowed_ips: 10.0.0.1/8\n", "cidr", 6, 20, "write it like `10.0.0.0/8` or `2001:db8::/32`" },
        { Rule + "    conditions:\n      allowed_schemes: [HTTPS]\n", "scheme", 6, 25, "write it like `https`, in lower case" },
        { Rule + "    conditions:\n      allowed_ports: ['443']\n", "wrong-type", 6, 23, null },
        { Rule + "    conditions:\n      parameters:\n        n: {min: 2, max: 1}\n", "min-above-max", 7, 12, null },
        { Rule + "    conditions:\n      parameters:\n        n: {pattern: '(a'}\n", "pattern", 7, 22, null },
        { Rule + "    conditions:\n      parameters:\n        n: {pattern: '(a)\\1'}\n", "pattern", 7, 22, "write it without back-references, look-around and large counts" },
        { Rule + "    conditions:\n      parameters:\n        n: {type: int}\n", "unknown-value", 7, 19, null },
        { Rule + "    conditions:\n      time: {between: '9-18'}\n", "time", 6, 23, "write it like \"09:00-18:00\"" },
        { Rule + "    conditions:\n      time: {days: [mon], tz: Mars/Olympus}\n", "time-zone", 6, 31, "write an IANA name like `Europe/Paris`" },
    };

    /// <summary>Texts of which a careless reader would never come back, or not come back at all.</summary>
    public static TheoryData<string> Hurtful =>
    [
        "version: 1\nrules: " + new string('[', 500_000),
        "version: 1\nrules: " + string.Concat(Enumerable.Repeat("{a: ", 200_000)),
        "version: 1\nrules:\n" + string.Concat(Enumerable.Repeat("- ", 400_000)),
        string.Concat(Enumerable.Repeat("? ", 400_000)),
        "version: 1\nname: \"" + new string('a', 900_000) + "\"\nrules: []\n",
        new string('#', 1024 * 1024 + 1),
        new string('\n', 1024 * 1024),
        "version: 1\n" + string.Concat(Enumerable.Range(0, 60_000).Select(static n => $"k{n}: 1\n")),
        "a: &a [x, x]\n" + string.Concat(Enumerable.Range(0, 30).Select(static n => $"b{n}: &b{n} [*a, *a]\n")),
        "version: 1\nrules:\n- {tool: x, decision: allow, conditions: " + string.Concat(Enumerable.Repeat("{not: ", 1_000)) + "{}" + new string('}', 1_001),
        "version: 1\nrules:\n- {tool: x, decision: allow, conditions: {parameters: {a: {min: 1e" + new string('9', 100_000) + "}}}}\n",
        "version: 1\nrules:\n- {tool: x, decision: allow, conditions: {parameters: {a: {pattern: '" + new string('(', 20_000) + "a" + new string(')', 20_000) + "'}}}}\n",
        "version: 1\nrules:\n- {tool: x, decision: allow, conditions: {parameters: {a: {pattern: '((a{1000}){1000}){1000}'}}}}\n",
        "version: 1\nrules:\n- {tool: '" + new string('*', 100_000) + "', decision: allow}\n",
        "version: 1\nrules:\n- {tool: x, decision: allow, conditions: {path_glob: ['/" + string.Concat(Enumerable.Repeat("**/", 20_000)) + "']}}\n",
        "\uD800", "version: 1\nname: \"\uDC00\"\nrules: []\n", "\0", "%YAML 9.9\n---\n", "%TAG ! tag:x,2000:\n---\n!a b\n", "--- |\n", "\uFEFF\uFEFF", "? \n:", "- - -\n -", "\"\\uD800\"", "!<", "&", "*", "|9", ">-\n", "{", "}", "[", "]", ",", "?", ":", "-", "@", "`", "%",
    ];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place_and_how_to_mend_it(string yaml, string code, int line, int column, string? hint)
    {
        var loaded = PolicyLoader.Load(yaml);

        Assert.Null(loaded.Policy);
        var error = Assert.Single(loaded.Diagnostics);
        Assert.Equal((Severity.Error, code, line, column, hint), (error.Severity, error.Code, error.Line, error.Column, error.Hint));
        Assert.False(error.Message.EndsWith('.'));
    }

    [Fact]
    public void Every_mistake_is_named_at_once_in_the_order_of_the_text()
    {
        var loaded = PolicyLoader.Load("version: 2\ndefault: maybe\nrules:\n  - {tool: x, decision: alow}\n  - {tool: 5, decision: allow, conditions: {domains: 'a/b', path_prefix: ~}}\n");

        Assert.Equal(
            ["1:10 unknown-version", "2:10 unknown-value", "4:25 unknown-value", "5:12 wrong-type", "5:54 domain", "5:74 wrong-type"],
            loaded.Diagnostics.Select(item => $"{item.Line}:{item.Column} {item.Code}"));
    }

    [Fact]
    public void What_is_part_of_the_language_and_not_carried_out_yet_is_refused_not_ignored() => Assert.All(
        [
            Rule + "    conditions: {sql: {system: postgres}}\n", Rule + "    conditions: {not: {mongo: {database: a}}}\n", Rule + "    conditions: {any: [{redis: {keys: a}}]}\n",
        ],
        yaml =>
        {
            var loaded = PolicyLoader.Load(yaml);
            Assert.Null(loaded.Policy);
            Assert.Equal("not-supported-yet", Assert.Single(loaded.Diagnostics).Code);
        });

    [Fact]
    public void An_open_default_loads_with_a_warning()
    {
        var loaded = PolicyLoader.Load("version: 1\ndefault: allow\nrules: []\n");

        Assert.NotNull(loaded.Policy);
        var warning = Assert.Single(loaded.Diagnostics);
        Assert.Equal((Severity.Warning, "default-allow", 2, 10), (warning.Severity, warning.Code, warning.Line, warning.Column));
    }

    [Theory]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("64:ff9b::/96")]
    [InlineData("2002::/16")]
    [InlineData("2001::/32")]
    public void A_range_that_can_never_match_is_warned_of(string range)
    {
        var loaded = PolicyLoader.Load(Rule + $"    conditions:\n      allowed_ips: '{range}'\n");

        var warning = Assert.Single(loaded.Diagnostics);
        Assert.NotNull(loaded.Policy);
        Assert.Equal((Severity.Warning, "cidr-embedded", 6, 20), (warning.Severity, warning.Code, warning.Line, warning.Column));
    }

    [Fact]
    public void The_hash_names_the_text_to_the_letter()
    {
        var hash = PolicyLoader.Load("version: 1\nrules: []\n").Policy!.Hash;

        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, PolicyLoader.Load("version: 1\nrules: []\n").Policy!.Hash);
        Assert.NotEqual(hash, PolicyLoader.Load("version: 1\nrules: [] \n").Policy!.Hash);
    }

    [Theory]
    [MemberData(nameof(Hurtful))]
    public void No_text_brings_the_loader_down(string yaml) => AssertSound(yaml);

    [Fact]
    public void No_mutation_of_a_policy_makes_the_loader_throw_and_what_loads_can_be_asked()
    {
        var pcg = new PCG(3, 2026);
        var seeds = Seeds();
        var seed = Gen.Int[0, seeds.Count - 1];
        var mutations = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 10_000], Gen.Int[0, 10_000], Token).Array[1, 3];
        var loadable = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var text = seeds[seed.Generate(pcg, null, out _)];
            foreach (var (how, at, length, token) in mutations.Generate(pcg, null, out _)) text = Mutate(text, how, at, length, token);
            if (AssertSound(text)) loadable++;
        }

        // Mutations that always break, or never do, would test little.
        Assert.InRange(loadable, 150, 2_850);
    }

    private static readonly Gen<string> Token = Gen.OneOf(
        Gen.Char.Select(static one => one.ToString()),
        Gen.OneOf(
            "\n", " ", "  ", "\n  ", ":", ": ", "- ", "[", "]", "{", "}", ",", "'", "\"", "#", "&a ", "*a", "!!str ", "<<: ", "|", ">", "?", "---\n", "...\n", "%", "@", "~", "\\", "\\x41",
            "null", "true", "yes", "0", "-1", "1e999999999", ".inf", "0x1e", "99999999999999999999", "*", "**", "?*", "..", "/", "//", "%2e", "\u200b", "\uD800", "\u0000", "\u202e", "é",
            "allow", "deny", "approve", "all: ", "any: ", "not: ", "path_prefix: ", "allowed_domains: ", "parameters: ", "pattern: ", "min: ", "enum: [0x1e, .nan]", "(", "(?=a)", "a{9999}"));

    private static string Mutate(string text, int how, int at, int length, string token)
    {
        var from = at % (text.Length + 1);
        var count = Math.Min(length % 12, text.Length - from);
        switch (how)
        {
            case 0:
                return text.Insert(from, token);
            case 1:
                return text.Remove(from, count);
            case 2:
                return text.Remove(from, count).Insert(from, token);
            case 3:
                return text.Insert(length % (text.Length + 1), text.Substring(from, Math.Min(40, text.Length - from)));
            case 4:
                return text[..from];
            default:
                // Whole lines change places: what is then wrong is rarely the YAML.
                var lines = text.Split('\n');
                (lines[at % lines.Length], lines[length % lines.Length]) = (lines[length % lines.Length], lines[at % lines.Length]);
                return string.Join('\n', lines);
        }
    }

    /// <summary>A policy or errors, never both and never neither; places inside of the text; and what loaded answers every call.</summary>
    private static bool AssertSound(string yaml)
    {
        var loaded = PolicyLoader.Load(yaml);

        var lines = yaml.Split('\n', '\r', '\u0085', '\u2028', '\u2029').Length;
        Assert.Equal(loaded.Policy is null, loaded.Diagnostics.Any(item => item.Severity is Severity.Error));
        Assert.All(loaded.Diagnostics, item => Assert.True(item.Line >= 1 && item.Line <= lines + 1 && item.Column >= 1, item.ToString()));
        if (loaded.Policy is null) return false;

        foreach (var arguments in (string[])["{}", "{\"path\":\"/data/docs/a\",\"url\":\"https://api.example.com/\",\"amount\":50,\"mode\":\"safe\"}", "{\"path\":\"../x\",\"url\":1,\"amount\":\"5\",\"mode\":1}"])
        {
            Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(arguments), JsonLimits.Arguments, out var tree, out _));
            using (tree)
            {
                foreach (var tool in (string[])["fs.read_file", "pay.transfer", "x.run"])
                {
                    var decision = Authorizer.Decide(loaded.Policy, new(tool, tree!.Root, CallContext.Empty));
                    Assert.True(decision.Reason is Reason.Rule or Reason.Default, $"{decision}\n{yaml}");
                }
            }
        }

        return true;
    }

    private static List<string> Seeds()
    {
        using var samples = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", "samples.json")));
        return [.. samples.RootElement.GetProperty("policies").EnumerateObject().Select(static policy => policy.Value.GetString()!)];
    }
}
