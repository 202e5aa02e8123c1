using System.Text;
using System.Text.Json;
using CsCheck;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>A policy as data: written out as text for the loader, judged as it stands by <see cref="NaiveEvaluator"/>.</summary>
internal sealed record PolicySketch(bool AllowsByDefault, RuleSketch[] Rules)
{
    public CompiledPolicy Load()
    {
        var loaded = PolicyLoader.Load(ToString());
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics) + "\n" + this);
        return loaded.Policy;
    }

    public PolicySketch With(params RuleSketch[] rules) => this with { Rules = rules };

    public override string ToString()
    {
        var text = new StringBuilder($"version: 1\ndefault: {(AllowsByDefault ? "allow" : "deny")}\nrules:{(Rules.Length == 0 ? " []" : "")}\n");
        foreach (var rule in Rules) text.Append(rule);
        return text.ToString();
    }
}

/// <summary>A rule; a list that is <c>null</c> is a condition that it does not have.</summary>
internal sealed record RuleSketch(string Id, string[] Tools, Outcome Outcome, string[]? Prefixes, string[]? Outside, string[]? Domains)
{
    public bool IsShadow { get; init; }

    /// <summary>Conditions of every other kind; <c>null</c>: none.</summary>
    public BlockSketch? More { get; init; }

    /// <summary>All its conditions.</summary>
    public IEnumerable<ConditionSketch> Conditions
    {
        get
        {
            if (Prefixes is not null) yield return new PrefixSketch(Prefixes, null);
            if (Outside is not null) yield return new NotSketch(new([new PrefixSketch(Outside, null)]));
            if (Domains is not null) yield return new UrlSketch(Domains, null, null, null, null);
            if (More is not null) yield return new AllSketch([More]);
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder($"  - id: {Id}\n    tool: [{string.Join(", ", Tools.Select(static tool => $"'{tool}'"))}]\n    decision: {WireNames.Of(Outcome)}\n");
        if (IsShadow) text.Append("    shadow: true\n");
        var conditions = string.Concat(Conditions.Select(static condition => $"      {condition}\n"));
        return conditions.Length == 0 ? text.ToString() : text.Append("    conditions:\n").Append(conditions).ToString();
    }
}

/// <summary>A call with some paths and some URLs, and what else is among its arguments.</summary>
internal sealed record CallSketch(string Tool, string[] Paths, string[] Urls)
{
    /// <summary>Further arguments, each a name and a JSON text.</summary>
    public (string Name, string Json)[] More { get; init; } = [];

    public ContextSketch Context { get; init; } = ContextSketch.Empty;

    public string Arguments => $$"""{"paths":{{List(Paths)}},"urls":{{List(Urls)}}{{string.Concat(More.Select(static one => $",\"{one.Name}\":{one.Json}"))}}}""";

    public Decision Ask(CompiledPolicy policy) => Ask(policy, Authorizer.Decide);

    public Decision Explain(CompiledPolicy policy) => Ask(policy, Authorizer.Explain);

    /// <summary>The full look with its trace, and the brief one: two ways through the recognisers and canonical forms.</summary>
    public (Decision Explained, Verdict Judged) AskBothWays(CompiledPolicy policy) => Ask(policy, static (policy, call) => (Authorizer.Explain(policy, call), Authorizer.Judge(policy, call)));

    private T Ask<T>(CompiledPolicy policy, Func<CompiledPolicy, ToolCall, T> ask)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(Arguments), JsonLimits.Arguments, out var tree, out _));
        using (tree) return ask(policy, new(Tool, tree!.Root, Context.ToContext()));
    }

    public override string ToString() => $"{Tool} {Arguments} {Context}";

    private static string List(string[] items) => $"[{string.Join(',', items.Select(static item => $"\"{JsonEncodedText.Encode(item)}\""))}]";
}

/// <summary>The circumstances of a call.</summary>
internal sealed record ContextSketch(string Agent, string User, string[] Roles, string[] Scopes, string[] Labels, (string Tool, int Count)[] Calls, DateTimeOffset? Time, string? ClientIp, string? Environment)
{
    public static ContextSketch Empty { get; } = new("", "", [], [], [], [], null, null, null);

    public CallContext ToContext() => new()
    {
        Principal = new() { Agent = Agent, User = User, Roles = Roles, Scopes = Scopes },
        Session = new() { Labels = Labels.ToHashSet(StringComparer.Ordinal), Calls = Calls.DistinctBy(static call => call.Tool).ToDictionary(static call => call.Tool, static call => call.Count, StringComparer.Ordinal) },
        Time = Time ?? default,
        ClientIp = ClientIp,
        Environment = Environment,
    };

    public override string ToString() =>
        $"agent `{Agent}` user `{User}` roles [{string.Join(' ', Roles)}] scopes [{string.Join(' ', Scopes)}] labels [{string.Join(' ', Labels)}] calls [{string.Join(' ', Calls)}] at {Time:o} from {ClientIp} in {Environment}";
}

/// <summary>Small worlds, so that patterns, prefixes and domains often meet.</summary>
internal static class Sketches
{
    private static readonly Gen<string> Segment = Gen.OneOf("data", "data", "docs", "docs", "docs-x", "..", ".", "", "a b", "a.md", ".md", "b.tar.txt");

    private static readonly Gen<string> AnyPath = Gen.Select(Gen.OneOf("/", "/", "/data/", "/data/docs/", "///"), Segment.Array[0, 4], static (start, rest) => start + string.Join('/', rest));

    private static readonly Gen<string> Prefix = Gen.OneOf("data", "docs", "docs-x").Array[0, 2].Select(static segments => "/" + string.Join('/', segments));

    private static readonly Gen<string> AnyUrl = Gen.Select(
        Gen.OneOf("https", "https", "https", "http", "ftp", "HTTPS"),
        Gen.OneOf("example.com", "api.example.com", "a.api.example.com", "xexample.com", "example.org", "API.Example.com", "example.com."),
        Gen.OneOf("", "", "", ":443", ":80", ":8443", ":21"),
        Gen.OneOf("", "/", "/a?b#c", "?x"),
        static (scheme, host, port, rest) => $"{scheme}://{host}{port}{rest}");

    private static readonly Gen<string> Domain = Gen.OneOf("example.com", "*.example.com", "api.example.com", "example.com:8443", "*.example.com:443", "example.org");

    private static readonly Gen<string> Pattern = Gen.OneOf(
        Gen.OneOf("*", "fs.*", "fs.read", "web.*", "*.get", "fs.re?d"),
        Gen.OneOf("fs", "web", ".", "read", "write", "get", "*", "?", "_all").Array[1, 4].Select(string.Concat));

    private static readonly Gen<Outcome> AnyOutcome = Gen.OneOf(Outcome.Allow, Outcome.Allow, Outcome.Deny, Outcome.Approve);

    public static readonly Gen<string> BadPath = Gen.OneOf("", "data", "../data", "//data/docs", "/..", "/data/%2e%2e/x", "/data\\docs", "/data/\u200b", "~/data", "/data/$HOME");

    public static readonly Gen<string> BadUrl = Gen.OneOf("", "example.com", "https:example.com", "https://u@example.com/", "https://example.com:0/", "https://example.com\\x", "https://exam%70le.com/", "https://2130706433/");

    public static readonly Gen<RuleSketch> Rule = Gen.Select(
        Pattern.Array[1, 2], AnyOutcome, Optional(Prefix), Optional(Prefix), Optional(Domain),
        static (tools, outcome, prefixes, outside, domains) => new RuleSketch("", tools, outcome, prefixes, outside, domains));

    public static readonly Gen<RuleSketch> RuleAboutPaths = Gen.Select(Rule, Prefix.Array[1, 2], static (rule, prefixes) => rule with { Prefixes = prefixes });

    /// <summary>A rule with conditions of every kind, half of the time.</summary>
    public static readonly Gen<RuleSketch> WideRule = Gen.Select(
        Pattern.Array[1, 2], AnyOutcome, Seldom(Prefix), Seldom(Prefix), Seldom(Domain), Gen.Bool, ConditionSketches.Block,
        static (tools, outcome, prefixes, outside, domains, isWide, more) => new RuleSketch("", tools, outcome, prefixes, outside, domains) { More = isWide ? more : null });

    public static readonly Gen<PolicySketch> WidePolicy = Policies(Gen.Bool, WideRule);

    public static readonly Gen<PolicySketch> Policy = Policies(Gen.Bool, Rule);

    public static readonly Gen<PolicySketch> ClosedPolicy = Policies(Gen.Const(false), Rule);

    public static readonly Gen<CallSketch> Call = Gen.Select(
        Gen.OneOf("fs.read", "fs.write", "fs.read_all", "web.get", "web.fs.read"),
        Gen.Frequency((9, AnyPath), (1, BadPath)).Array[0, 2],
        Gen.Frequency((9, AnyUrl), (1, BadUrl)).Array[0, 2],
        static (tool, paths, urls) => new CallSketch(tool, paths, urls));

    /// <summary>A call with circumstances and arguments of every kind.</summary>
    public static readonly Gen<CallSketch> WideCall = Gen.Select(
        Gen.OneOf("fs.read", "fs.write", "fs.read_all", "web.get", "web.fs.read"),
        Gen.Frequency((12, AnyPath), (1, BadPath), (1, Gen.OneOf("https://example.com/x", "file:///data/docs", "file://localhost/data/a.md", "FILE:///docs", "file://elsewhere/data"))).Array[0, 2],
        Gen.Frequency((9, AnyUrl), (4, ConditionSketches.AddressUrl), (1, BadUrl), (1, Gen.OneOf("file:///data", " https://example.com/"))).Array[0, 2],
        ConditionSketches.More, ConditionSketches.Context,
        static (tool, paths, urls, more, context) => new CallSketch(tool, paths, urls) { More = more, Context = context });

    public static Gen<PolicySketch> Policies(Gen<bool> allowsByDefault, Gen<RuleSketch> rule) => Gen.Select(allowsByDefault, rule.Array[0, 5],
        static (allows, rules) => new PolicySketch(allows, [.. rules.Select(static (one, at) => one with { Id = $"r{at}" })]));

    // Half of the conditions absent: otherwise hardly a rule would ever match.
    private static Gen<string[]?> Optional(Gen<string> item) => Gen.Select(Gen.Bool, item.Array[1, 2], static (isThere, items) => isThere ? items : null);

    private static Gen<string[]?> Seldom(Gen<string> item) => Gen.Select(Gen.Int[0, 3], item.Array[1, 2], static (chance, items) => chance == 0 ? items : null);
}
