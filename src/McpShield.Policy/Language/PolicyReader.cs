using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Paths;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Limits;

namespace McpShield.Policy.Language;

/// <summary>Turns the nodes of a policy text into rules.</summary>
internal sealed class PolicyReader(Diagnostics diagnostics)
{
    private static readonly string[] PolicyKeys = ["version", "name", "default", "mode", "settings", "rules"];
    private static readonly string[] PolicyKeysNotYet = ["assertions", "filters", "server_requests", "tests"];
    private static readonly string[] SettingsKeys = ["path_style", "working_directory"];
    private static readonly string[] RuleKeys = ["id", "description", "tool", "decision", "conditions", "shadow", "rate_limit", "reason"];
    private static readonly string[] RuleKeysNotYet = ["filters", "labels", "approval", "max_result_bytes"];

    private readonly NodeReader read = new(diagnostics);

    public CompiledPolicy? Read(YamlNode root, string hash)
    {
        if (read.Map(root, "policy") is not { } map) return null;
        foreach (var (key, _) in map.Entries)
        {
            if (PolicyKeysNotYet.Contains(key.Text, StringComparer.Ordinal)) read.NotSupportedYet(key);
            else if (!PolicyKeys.Contains(key.Text, StringComparer.Ordinal)) read.UnknownKey(key, "a policy", PolicyKeys);
        }

        ReadVersion(map);
        var name = Find(map, "name") is { } named ? read.Text(named, "name") : null;
        var fallback = Find(map, "default") is { } chosen ? ReadDefault(chosen) : Outcome.Deny;
        if (Find(map, "mode") is { } mode && read.Word(mode, "mode", "enforce", "shadow") == "shadow") read.NotSupportedYet(KeyOf(map, "mode"));
        var settings = Find(map, "settings") is { } set ? ReadSettings(set) : PolicySettings.Default;

        if (Find(map, "rules") is not { } rules)
        {
            diagnostics.Error("missing-key", "a policy needs `rules`", map, "write `rules: []` for none");
            return null;
        }

        if (rules is not YamlList list)
        {
            read.WrongType(rules, "rules", "a list");
            return null;
        }

        return new(hash, name, fallback, settings, ReadRules(list, new(read, settings)));
    }

    private void ReadVersion(YamlMap map)
    {
        if (Find(map, "version") is not { } version)
        {
            diagnostics.Error("missing-key", "a policy needs `version`", map, "start with `version: 1`");
        }
        else if (version is not YamlScalar { IsInteger: true } number)
        {
            read.WrongType(version, "version", "an integer", "write `version: 1`");
        }
        else if (number.Text != "1")
        {
            diagnostics.Error("unknown-version", $"version `{number.Text}` is not known", version, "this program reads version 1");
        }
    }

    private Outcome ReadDefault(YamlNode node)
    {
        if (read.Word(node, "default", "deny", "allow") != "allow") return Outcome.Deny;
        diagnostics.Warning("default-allow", "every call that no rule matches is allowed", node, "prefer `default: deny` and name what may happen");
        return Outcome.Allow;
    }

    private PolicySettings ReadSettings(YamlNode node)
    {
        if (read.Map(node, "settings") is not { } map) return PolicySettings.Default;
        foreach (var (key, _) in map.Entries)
        {
            if (!SettingsKeys.Contains(key.Text, StringComparer.Ordinal)) read.UnknownKey(key, "`settings`", SettingsKeys);
        }

        var style = Find(map, "path_style") is { } styled && read.Word(styled, "path_style", "posix", "windows") == "windows" ? PathStyle.Windows : PathStyle.Posix;
        if (Find(map, "working_directory") is not { } directory || read.Text(directory, "working_directory") is not { } text) return new(style, null);
        var canonical = CanonicalPath.Of(text, style, workingDirectory: null, out var problem);
        if (canonical is null) diagnostics.Error("path", $"`{text}` has no canonical form: {problem}", directory, "write an absolute path");
        return new(style, canonical);
    }

    private List<Rule> ReadRules(YamlList list, ConditionScope scope)
    {
        var rules = new List<Rule>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (read.Map(list.Items[i], $"rules[{i}]") is { } map && ReadRule(map, i, ids, scope) is { } rule) rules.Add(rule);
        }

        return rules;
    }

    private Rule? ReadRule(YamlMap map, int index, HashSet<string> ids, ConditionScope scope)
    {
        foreach (var (key, _) in map.Entries)
        {
            if (RuleKeysNotYet.Contains(key.Text, StringComparer.Ordinal)) read.NotSupportedYet(key);
            else if (!RuleKeys.Contains(key.Text, StringComparer.Ordinal)) read.UnknownKey(key, "a rule", RuleKeys);
        }

        var id = Find(map, "id") is { } named ? read.Text(named, "id") : $"rules[{index}]";
        if (id is not null && !ids.Add(id)) diagnostics.Error("duplicate-id", $"the id `{id}` is used twice", Find(map, "id") ?? map);
        if (Find(map, "description") is { } description) read.Text(description, "description");
        var reason = Find(map, "reason") is { } reasoned ? read.Text(reasoned, "reason") : null;
        var isShadow = Find(map, "shadow") is { } shadowed && read.Flag(shadowed, "shadow") is true;

        var patterns = Require(map, "tool") is { } tool ? ReadPatterns(tool) : null;
        var outcome = Require(map, "decision") is { } decision ? ReadOutcome(decision) : null;
        IReadOnlyList<Condition> conditions = [];
        if (Find(map, "conditions") is { } block) conditions = ConditionTable.ReadBlock(block, "conditions", scope)?.Parts ?? [];

        var limit = Find(map, "rate_limit") is { } limited ? RateLimitReader.Read(limited, read) : null;
        if (limit is not null && outcome is Outcome.Deny) diagnostics.Error("rate-limit", "a rule that denies lets nothing through that could be limited", KeyOf(map, "rate_limit"), "remove it");

        return id is null || patterns is null || outcome is null ? null : new(id, patterns, outcome.Value, conditions, reason, isShadow, limit);
    }

    private List<string>? ReadPatterns(YamlNode node)
    {
        if (read.Texts(node, "tool") is not { } texts) return null;
        foreach (var (text, at) in texts)
        {
            // A pattern that no tool name can match is a slip of the pen, and as a deny rule a dangerous one.
            if (text.Length <= 256 && !text.Any(char.IsWhiteSpace)) continue;
            diagnostics.Error("tool-pattern", "a tool pattern holds no white space and is at most 256 characters long", at);
            return null;
        }

        return [.. texts.Select(static pattern => pattern.Text)];
    }

    private Outcome? ReadOutcome(YamlNode node) => read.Word(node, "decision", "allow", "deny", "approve") switch
    {
        "allow" => Outcome.Allow,
        "deny" => Outcome.Deny,
        "approve" => Outcome.Approve,
        _ => null,
    };

    private YamlNode? Require(YamlMap map, string key)
    {
        var value = Find(map, key);
        if (value is null) diagnostics.Error("missing-key", $"a rule needs `{key}`", map);
        return value;
    }

    private static YamlNode? Find(YamlMap map, string key) => map.Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Value;

    private static YamlScalar KeyOf(YamlMap map, string key) => map.Entries.First(entry => entry.Key.Text == key).Key;
}
