using System.Globalization;

namespace McpShield.Policy.Language.Shapes;

/// <summary>Holds nodes against their shapes and says everything that differs. What reads the nodes afterwards need not say it again.</summary>
internal sealed class ShapeChecker(Diagnostics diagnostics)
{
    public void Check(YamlNode node, Shape shape, string what)
    {
        switch (shape)
        {
            case NamedShape named:
                Check(node, named.Get(), what);
                break;
            case MapShape map:
                CheckMap(node, map, what);
                break;
            case NamesShape names:
                CheckNames(node, names, what);
                break;
            case EitherShape either:
                Check(node, node is YamlMap ? either.Mapping : either.Plain, what);
                break;
            case ListShape list:
                CheckList(node, list, what);
                break;
            case not AnyShape:
                CheckScalar(node, shape, what);
                break;
        }
    }

    private void CheckMap(YamlNode node, MapShape shape, string what)
    {
        if (node is not YamlMap map)
        {
            WrongType(node, what, "a mapping");
            return;
        }

        if (map.Entries.Count == 0 && !shape.MayBeEmpty && !shape.Fields.Any(static field => field.IsRequired))
        {
            diagnostics.Error("empty-value", $"{shape.What} says nothing", node, shape.EmptyHint);
            return;
        }

        foreach (var (key, value) in map.Entries)
        {
            if (shape.Fields.FirstOrDefault(field => field.Name == key.Text) is not { } field)
            {
                UnknownKey(key, shape);
                continue;
            }

            Check(value, field.Shape, key.Text);
            if (field.Needs is { } other && map.Find(other) is null) diagnostics.Error("missing-key", $"`{field.Name}` needs `{other}` beside it", key);
        }

        foreach (var field in shape.Fields)
        {
            if (field.IsRequired && map.Find(field.Name) is null) diagnostics.Error("missing-key", $"{shape.What} needs `{field.Name}`", map, field.MissingHint);
        }

        if (shape.NeedsOneOf.Count > 0 && !shape.NeedsOneOf.Any(name => map.Find(name) is not null))
        {
            diagnostics.Error("missing-key", $"{shape.What} needs {Or(shape.NeedsOneOf)}", map);
        }
    }

    private void CheckNames(YamlNode node, NamesShape shape, string what)
    {
        if (node is not YamlMap map)
        {
            WrongType(node, what, "a mapping");
            return;
        }

        if (map.Entries.Count == 0) diagnostics.Error("empty-value", $"{shape.What} names nothing", node);
        foreach (var (key, value) in map.Entries) Check(value, shape.Value, key.Text);
    }

    private void CheckList(YamlNode node, ListShape shape, string what)
    {
        if (node is not YamlList && shape.MayBeEmpty)
        {
            WrongType(node, what, "a list");
            return;
        }

        IReadOnlyList<YamlNode> items = node is YamlList list ? list.Items : [node];
        if (items.Count == 0 && !shape.MayBeEmpty) diagnostics.Error("empty-value", $"`{what}` is an empty list", node);
        if (items.Count > shape.MaxItems) diagnostics.Error("too-many", $"`{what}` takes {shape.MaxItems} item, not {items.Count}", items[shape.MaxItems]);
        foreach (var item in items) Check(item, shape.Item, what);
    }

    private void CheckScalar(YamlNode node, Shape shape, string what)
    {
        var scalar = node as YamlScalar;
        switch (shape)
        {
            case TextShape when scalar is not { IsString: true }:
                WrongType(node, what, "a string", scalar is { IsPlain: true, IsNull: false } ? "put it in quotes" : null);
                break;
            case TextShape when scalar!.Text.Length == 0:
                diagnostics.Error("empty-value", $"`{what}` is empty", node);
                break;
            case FlagShape when scalar is not { IsBoolean: true }:
                WrongType(node, what, "true or false");
                break;
            case LiteralShape when scalar is null || !scalar.IsJsonLiteral:
                WrongType(node, what, "a string, decimal number, boolean or null");
                break;
            case NumberShape when scalar is not { IsNumber: true, IsJsonLiteral: true }:
                WrongType(node, what, "a decimal number");
                break;
            case IntegerShape when scalar is not { IsInteger: true }:
                WrongType(node, what, "an integer");
                break;
            case IntegerShape range when !IsWithin(scalar!.Text, range):
                diagnostics.Error("out-of-range", $"`{what}` must be a decimal integer from {range.Min} to {range.Max}", node);
                break;
            case VersionShape version when scalar is not { IsInteger: true }:
                WrongType(node, what, "an integer", $"write `{what}: {version.Known}`");
                break;
            case VersionShape version when scalar!.Text != version.Known.ToString(CultureInfo.InvariantCulture):
                diagnostics.Error("unknown-version", $"version `{scalar.Text}` is not known", node, $"this program reads version {version.Known}");
                break;
            case WordShape words when scalar is not { IsString: true } || !words.Known.Contains(scalar.Text, StringComparer.Ordinal):
                diagnostics.Error("unknown-value", $"`{what}` is {(scalar is null ? node.Kind : $"`{scalar.Text}`")}; it must be {Or(words.Known)}", node, scalar is null ? null : Language.Words.DidYouMean(scalar.Text, words.Known));
                break;
        }
    }

    private void UnknownKey(YamlScalar key, MapShape shape)
    {
        if (shape.Later.Contains(key.Text, StringComparer.Ordinal))
        {
            diagnostics.Error("not-supported-yet", $"`{key.Text}` is part of the language, but this version does not carry it out yet", key, "remove it: a policy must mean what it says");
        }
        else
        {
            diagnostics.Error("unknown-key", $"`{key.Text}` is not a key of {shape.What}", key, Language.Words.DidYouMean(key.Text, shape.Fields.Select(static field => field.Name)));
        }
    }

    private void WrongType(YamlNode node, string what, string expected, string? hint = null) =>
        diagnostics.Error("wrong-type", $"`{what}` must be {expected}, not {node.Kind}", node, hint);

    private static bool IsWithin(string text, IntegerShape range) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= range.Min && value <= range.Max;

    private static string Or(IReadOnlyList<string> words) => string.Join(" or ", words.Select(static word => $"`{word}`"));
}
