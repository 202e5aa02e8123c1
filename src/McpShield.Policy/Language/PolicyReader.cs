using McpShield.Policy.Analysis;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Language.Shapes;
using McpShield.Policy.Limits;
using McpShield.Policy.Redaction;

namespace McpShield.Policy.Language;

/// <summary>Turns the nodes of a policy text into rules. Their shapes are checked first; what is left to say here is what no shape can.</summary>
internal sealed class PolicyReader(Diagnostics diagnostics)
{
    public CompiledPolicy? Read(YamlNode root, string hash, CancellationToken ct = default)
    {
        new ShapeChecker(diagnostics).Check(root, Grammar.Policy, "policy");
        if (root is not YamlMap map || map.Find("rules") is not YamlList rules) return null;

        var settings = ReadSettings(map.Find("settings"));
        var read = ReadRules(rules, FilterReader.Read(map.Find("filters"), diagnostics), new(diagnostics, settings));
        var policy = new CompiledPolicy(hash, read)
        {
            Tests = new PolicyTestReader(diagnostics, read.Select(static rule => rule.Id)).Read(map.Find("tests")),
            Name = NodeReader.Text(map.Find("name")),
            Default = ReadDefault(map.Find("default")),
            IsShadow = NodeReader.Text(map.Find("mode")) == "shadow",
            Settings = settings,
            ServerRequests = ReadServerRequests(map.Find("server_requests") as YamlMap),
        };

        // Of a policy that is not right there is nothing to prove.
        var assertions = Assertion.ReadAll(map.Find("assertions"), new(diagnostics, settings));
        if (diagnostics.HasErrors) return null;
        foreach (var assertion in assertions) assertion.Prove(policy, diagnostics, ct);
        return policy;
    }

    private Outcome ReadDefault(YamlNode? node)
    {
        if (NodeReader.Text(node) != "allow") return Outcome.Deny;
        diagnostics.Warning("default-allow", "every call that no rule matches is allowed", node!, "prefer `default: deny` and name what may happen");
        return Outcome.Allow;
    }

    private PolicySettings ReadSettings(YamlNode? node)
    {
        if (node is not YamlMap map) return PolicySettings.Default;
        var style = NodeReader.Text(map.Find("path_style")) == "windows" ? PathStyle.Windows : PathStyle.Posix;
        if (NodeReader.Text(map.Find("working_directory")) is not { } text) return new(style, null);
        var canonical = CanonicalPath.Of(text, style, workingDirectory: null, out var problem);
        if (canonical is null) diagnostics.Error("path", $"`{text}` has no canonical form: {problem}", map.Find("working_directory")!, "write an absolute path");
        return new(style, canonical);
    }

    private static ServerRequests ReadServerRequests(YamlMap? map) => map is null ? ServerRequests.None : new(
        Elicitation: NodeReader.Text(map.Find("elicitation")) == "allow",
        Sampling: NodeReader.Text(map.Find("sampling")) == "allow",
        Roots: NodeReader.Text(map.Find("roots")) == "allow");

    private List<Rule> ReadRules(YamlList list, IReadOnlyDictionary<string, Filter> filters, ConditionScope scope)
    {
        var rules = new List<Rule>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is YamlMap map) rules.Add(ReadRule(map, i, ids, filters, scope));
        }

        return rules;
    }

    // Where something is wrong, what comes out does not matter: with an error in the diagnostics no policy is made.
    private Rule ReadRule(YamlMap map, int index, HashSet<string> ids, IReadOnlyDictionary<string, Filter> filters, ConditionScope scope)
    {
        var id = NodeReader.Text(map.Find("id")) ?? $"rules[{index}]";
        if (!ids.Add(id)) diagnostics.Error("duplicate-id", $"the id `{id}` is used twice", map.Find("id") ?? map);
        var outcome = NodeReader.Text(map.Find("decision")) switch { "allow" => Outcome.Allow, "approve" => Outcome.Approve, _ => Outcome.Deny };
        return new()
        {
            Id = id,
            Patterns = ReadPatterns(map.Find("tool")),
            Outcome = outcome,
            Conditions = map.Find("conditions") is { } block ? ConditionTable.ReadBlock(block, scope).Parts : [],
            Reason = NodeReader.Text(map.Find("reason")),
            IsShadow = NodeReader.Flag(map.Find("shadow")) is true,
            Limit = map.Find("rate_limit") is { } limit ? RateLimitReader.Read(limit, diagnostics) : null,
            Obligations = new ObligationReader(map, outcome, filters, scope).Read(),
            Node = map,
            Line = map.Line,
            Column = map.Column,
        };
    }

    private List<string> ReadPatterns(YamlNode? node)
    {
        var texts = NodeReader.Texts(node) ?? [];
        foreach (var (text, at) in texts)
        {
            // A pattern that no tool name can match is a slip of the pen, and as a deny rule a dangerous one.
            if (text.Length <= 256 && !text.Any(char.IsWhiteSpace)) continue;
            diagnostics.Error("tool-pattern", "a tool pattern holds no white space and is at most 256 characters long", at);
        }

        return [.. texts.Select(static pattern => pattern.Text)];
    }
}
