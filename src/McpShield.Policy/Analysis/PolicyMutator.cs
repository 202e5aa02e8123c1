using System.Globalization;
using McpShield.Policy.Language;

namespace McpShield.Policy.Analysis;

/// <summary>Makes the small changes: each answer is a whole policy with one thing different.</summary>
internal static class PolicyMutator
{
    public static IEnumerable<(string What, YamlNode At, YamlMap Changed)> Mutants(YamlMap root)
    {
        if (NodeReader.Text(root.Find("default")) != "allow") yield return ("the default is allow", root.Find("default") ?? root, With(root, "default", "allow"));
        if (root.Find("rules") is not YamlList rules) yield break;
        for (var i = 0; i < rules.Items.Count; i++)
        {
            if (rules.Items[i] is not YamlMap rule) continue;
            var name = NodeReader.Text(rule.Find("id")) ?? $"rules[{i}]";
            yield return ($"rule `{name}` is dropped", rule, WithRules(root, rules, [.. rules.Items.Where(item => !ReferenceEquals(item, rule))]));
            if (i + 1 < rules.Items.Count)
            {
                List<YamlNode> swapped = [.. rules.Items];
                (swapped[i], swapped[i + 1]) = (swapped[i + 1], swapped[i]);
                yield return ($"rule `{name}` comes after the next one", rule, WithRules(root, rules, swapped));
            }

            foreach (var (what, at, changed) in OfRule(rule))
            {
                List<YamlNode> replaced = [.. rules.Items];
                // A rule without an id keeps the one that it has by its place.
                replaced[i] = changed;
                yield return ($"in rule `{name}` {what}", at, WithRules(root, rules, replaced));
            }
        }
    }

    private static IEnumerable<(string What, YamlNode At, YamlMap Changed)> OfRule(YamlMap rule)
    {
        if (rule.Find("decision") is YamlScalar decision)
        {
            foreach (var other in (string[])["allow", "deny"])
            {
                if (decision.Text != other) yield return ($"the decision is {other}", decision, With(Without(rule, "approval"), "decision", other));
            }
        }

        foreach (var pattern in NodeReader.Items(rule.Find("tool")).OfType<YamlScalar>())
        {
            var dot = pattern.Text.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && pattern.Text[(dot + 1)..] != "*") yield return ($"the tool is `{pattern.Text[..dot]}.*` instead of `{pattern.Text}`", pattern, With(rule, "tool", pattern.Text[..dot] + ".*"));
            if (pattern.Text != "*") yield return ($"the tool is `*` instead of `{pattern.Text}`", pattern, With(rule, "tool", "*"));
        }

        foreach (var (what, at, changed) in Dropped(rule, "tool")) yield return (what, at, changed);
        if (rule.Find("conditions") is not YamlMap block) yield break;
        foreach (var (what, at, changed) in OfBlock(block)) yield return (what, at, changed.Entries.Count == 0 ? Without(rule, "conditions") : Replace(rule, "conditions", changed));
    }

    private static IEnumerable<(string What, YamlNode At, YamlMap Changed)> OfBlock(YamlMap block)
    {
        foreach (var (key, value) in block.Entries)
        {
            yield return ($"`{key.Text}` is dropped", key, Without(block, key.Text));
            if (key.Text is "all" or "any" or "not")
            {
                foreach (var (what, at, changed) in OfBlocks(value)) yield return (what, at, Replace(block, key.Text, changed));
                continue;
            }

            if (key.Text != "additional_parameters") yield return ($"`{key.Text}` is negated", key, Negated(block, key, value));
            foreach (var (what, at, changed) in Values(key.Text, value)) yield return (what, at, Replace(block, key.Text, changed));
        }
    }

    private static IEnumerable<(string What, YamlNode At, YamlNode Changed)> OfBlocks(YamlNode value)
    {
        var items = NodeReader.Items(value);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not YamlMap block) continue;
            if (items.Count > 1) yield return ($"block {i + 1} is dropped", block, new YamlList([.. items.Where(item => !ReferenceEquals(item, block))], value.Line, value.Column));
            foreach (var (what, at, changed) in OfBlock(block))
            {
                List<YamlNode> replaced = [.. items];
                replaced[i] = changed;
                yield return (what, at, new YamlList(replaced, value.Line, value.Column));
            }
        }
    }

    // One value changed, wherever in the condition it stands.
    private static IEnumerable<(string What, YamlNode At, YamlNode Changed)> Values(string key, YamlNode value)
    {
        switch (value)
        {
            case YamlMap map:
                foreach (var (inner, nested) in map.Entries)
                {
                    if (inner.Text is not ("params" or "type") && map.Entries.Count > 1) yield return ($"`{inner.Text}` of `{key}` is dropped", inner, Without(map, inner.Text));
                    foreach (var (what, at, changed) in Values(inner.Text is "any_of" && key.StartsWith("path", StringComparison.Ordinal) ? key : inner.Text, nested)) yield return (what, at, Replace(map, inner.Text, changed));
                }

                break;

            case YamlList list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    var left = list.Items.Where((_, index) => index != i).ToList();
                    if (left.Count > 0) yield return ($"`{Text(list.Items[i])}` of `{key}` is dropped", list.Items[i], new YamlList(left, list.Line, list.Column));
                    foreach (var (what, at, changed) in Values(key, list.Items[i]))
                    {
                        List<YamlNode> replaced = [.. list.Items];
                        replaced[i] = changed;
                        yield return (what, at, new YamlList(replaced, list.Line, list.Column));
                    }
                }

                break;

            case YamlScalar { IsNumber: true } number when key is "min" or "max" or "min_length" or "max_length" or "max_items" or "max_argument_bytes" && decimal.TryParse(number.Text, NumberStyles.Number, CultureInfo.InvariantCulture, out var given):
                var wider = key.StartsWith("min", StringComparison.Ordinal) ? given - 1 : given + 1;
                var text = wider.ToString(CultureInfo.InvariantCulture);
                yield return ($"`{key}` is {text} instead of {number.Text}", number, number with { Text = text });
                break;

            case YamlScalar prefix when key == "path_prefix" && Parent(prefix.Text) is { } parent:
                yield return ($"the prefix is `{parent}` instead of `{prefix.Text}`", prefix, prefix with { Text = parent, IsPlain = false });
                break;
        }
    }

    private static IEnumerable<(string What, YamlNode At, YamlMap Changed)> Dropped(YamlMap rule, string key)
    {
        if (rule.Find(key) is not YamlList { Items.Count: > 1 } list) yield break;
        foreach (var item in list.Items)
        {
            yield return ($"`{Text(item)}` of `{key}` is dropped", item, Replace(rule, key, new YamlList([.. list.Items.Where(other => !ReferenceEquals(other, item))], list.Line, list.Column)));
        }
    }

    private static YamlMap Negated(YamlMap block, YamlScalar key, YamlNode value)
    {
        var inner = new YamlMap([new(key, value)], key.Line, key.Column);
        return new([.. block.Entries.Where(entry => entry.Key.Text != key.Text), new(key with { Text = "not" }, inner)], block.Line, block.Column);
    }

    private static string? Parent(string path)
    {
        var end = path.TrimEnd('/', '\\').LastIndexOfAny(['/', '\\']);
        return end < 0 ? null : end == 0 ? (path.Length > 1 ? "/" : null) : path[end - 1] == ':' ? path[..(end + 1)] : path[..end];
    }

    private static string Text(YamlNode node) => node is YamlScalar scalar ? scalar.Text : node.Kind;

    private static YamlMap With(YamlMap map, string key, string value) => Replace(map, key, new YamlScalar(value, IsPlain: false, map.Line, map.Column));

    private static YamlMap WithRules(YamlMap root, YamlList rules, List<YamlNode> changed) => Replace(root, "rules", new YamlList(changed, rules.Line, rules.Column));

    private static YamlMap Without(YamlMap map, string key) => new([.. map.Entries.Where(entry => entry.Key.Text != key)], map.Line, map.Column);

    private static YamlMap Replace(YamlMap map, string key, YamlNode value) => map.Find(key) is null
        ? new([.. map.Entries, new(new YamlScalar(key, IsPlain: true, map.Line, map.Column), value)], map.Line, map.Column)
        : new([.. map.Entries.Select(entry => entry.Key.Text == key ? new YamlEntry(entry.Key, value) : entry)], map.Line, map.Column);
}
