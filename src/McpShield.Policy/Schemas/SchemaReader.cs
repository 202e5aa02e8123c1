using System.Text.RegularExpressions;
using McpShield.Policy.Conditions;
using McpShield.Policy.Conditions.Parameters;
using McpShield.Policy.Json;

namespace McpShield.Policy.Schemas;

/// <summary>Turns a JSON Schema into nodes that keep nothing of its text.</summary>
internal sealed class SchemaReader(JsonView document)
{
    private const int MaxNodes = 5_000;

    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
        "format", "contentEncoding", "contentMediaType", "markdownDescription", "enumDescriptions", "enumNames",
    };

    private readonly Dictionary<string, SchemaNode> byReference = new(StringComparer.Ordinal);
    private int count;

    public SchemaNode Read(JsonView schema)
    {
        var node = new SchemaNode();
        Fill(node, schema);
        return node;
    }

    private void Fill(SchemaNode node, JsonView schema)
    {
        node.IsNever = schema.Kind is JsonKind.False;
        node.IsOpaque = schema.Kind is not (JsonKind.Object or JsonKind.True or JsonKind.False) || ++count > MaxNodes;
        if (node.IsOpaque) return;
        foreach (var (name, value) in schema.Members)
        {
            var keyword = name.GetString();
            if (!Annotations.Contains(keyword) && !Understand(node, keyword, value)) node.IsOpaque = true;
        }
    }

    // False: the keyword, or what it holds, is not understood.
    private bool Understand(SchemaNode node, string keyword, JsonView value)
    {
        switch (keyword)
        {
            case "type":
                node.Types = Texts(value.Kind is JsonKind.Array ? value : default, value);
                return node.Types.Count > 0 && node.Types.All(static type => type is "string" or "number" or "integer" or "boolean" or "array" or "object" or "null");
            case "enum":
                node.Values = [.. Each(value).Select(CanonicalJson.ToBytes)];
                return value.Kind is JsonKind.Array;
            case "const":
                node.Values = [CanonicalJson.ToBytes(value)];
                return true;
            case "minimum":
                return (node.Min = Number(value)) is not null;
            case "maximum":
                return (node.Max = Number(value)) is not null;
            case "exclusiveMinimum":
                return (node.Above = Number(value)) is not null;
            case "exclusiveMaximum":
                return (node.Below = Number(value)) is not null;
            case "minLength":
                return Count(value, out var least) && (node.MinLength = least) >= 0;
            case "maxLength":
                return Count(value, out var most) && (node.MaxLength = most) >= 0;
            case "minItems" or "minProperties":
                return Count(value, out least) && (node.MinCount = Math.Max(node.MinCount, least)) >= 0;
            case "maxItems" or "maxProperties":
                return Count(value, out most) && (node.MaxCount = Math.Min(node.MaxCount, most)) >= 0;
            case "uniqueItems":
                node.AreUnique = value.Kind is JsonKind.True;
                return value.Kind is JsonKind.True or JsonKind.False;
            case "pattern":
                return (node.Pattern = Compile(value.AsString())) is not null;
            case "properties":
                foreach (var (name, schema) in value.Members) node.Properties[name.GetString()] = Read(schema);
                return value.Kind is JsonKind.Object;
            case "required":
                node.Required = Texts(value, default);
                return value.Kind is JsonKind.Array;
            case "additionalProperties":
                // `true` names nothing, and what nothing names must not be there.
                node.OtherProperties = value.Kind is JsonKind.Object && value.Count > 0 ? Read(value) : null;
                return value.Kind is JsonKind.Object or JsonKind.True or JsonKind.False;
            case "items":
                node.Items = Read(value);
                return true;
            case "allOf":
                node.All.AddRange(Each(value).Select(Read));
                return value.Kind is JsonKind.Array;
            case "anyOf":
                node.Any.AddRange(Each(value).Select(Read));
                return value.Kind is JsonKind.Array && value.Count > 0;
            case "oneOf":
                node.One.AddRange(Each(value).Select(Read));
                return value.Kind is JsonKind.Array && value.Count > 0;
            case "$ref":
                return value.AsString() is { } reference && Follow(node, reference);
            default:
                return false;
        }
    }

    // Only references into the same document: nothing is ever fetched.
    private bool Follow(SchemaNode node, string reference)
    {
        if (byReference.TryGetValue(reference, out var known))
        {
            node.All.Add(known);
            return true;
        }

        if (!reference.StartsWith('#') || (reference.Length > 1 && ParameterName.Parse(reference[1..]) is null)) return false;
        var target = reference.Length == 1 ? document : ParameterName.Parse(reference[1..])!.Find(document);
        if (!target.Exists) return false;
        var read = byReference[reference] = new SchemaNode();
        Fill(read, target);
        node.All.Add(read);
        return true;
    }

    private static List<JsonView> Each(JsonView array)
    {
        var items = new List<JsonView>();
        foreach (var item in array.Items) items.Add(item);
        return items;
    }

    private static List<string> Texts(JsonView array, JsonView single)
    {
        if (single.AsString() is { } one) return [one];
        return [.. Each(array).Select(static item => item.AsString() ?? "\0")];
    }

    private static ExactNumber? Number(JsonView value) => value.Kind is JsonKind.Number && value.Raw.Length <= ExactNumber.MaxLiteralLength ? ExactNumber.Parse(value.Raw) : null;

    private static bool Count(JsonView value, out long count)
    {
        count = 0;
        return value.Kind is JsonKind.Number && System.Buffers.Text.Utf8Parser.TryParse(value.Raw, out count, out var read) && read == value.Raw.Length && count >= 0;
    }

    private static Regex? Compile(string? pattern)
    {
        try
        {
            return pattern is null ? null : new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(200));
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
