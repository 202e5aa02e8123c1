using System.Text.Json.Nodes;

namespace McpShield.Policy.Language.Shapes;

/// <summary>Writes shapes as JSON Schema for editors.</summary>
/// <remarks>SPEC: draft-07, the newest that the YAML language servers of editors all read.</remarks>
internal sealed class SchemaWriter
{
    private readonly JsonObject definitions = [];

    public static JsonObject Write(Shape root, string title, string id)
    {
        var writer = new SchemaWriter();
        var body = writer.Of(root);
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["$id"] = id, ["title"] = title };
        foreach (var (key, value) in body.ToList())
        {
            body.Remove(key);
            schema[key] = value;
        }

        schema["definitions"] = writer.definitions;
        return schema;
    }

    private JsonObject Of(Shape shape) => shape switch
    {
        NamedShape named => Named(named),
        MapShape map => Map(map),
        NamesShape names => new() { ["type"] = "object", ["minProperties"] = 1, ["additionalProperties"] = Of(names.Value) },
        EitherShape either => new() { ["if"] = new JsonObject { ["type"] = "object" }, ["then"] = Of(either.Mapping), ["else"] = Of(either.Plain) },
        ListShape { MayBeEmpty: true } list => new() { ["type"] = "array", ["items"] = Of(list.Item) },
        ListShape list => new() { ["if"] = new JsonObject { ["type"] = "array" }, ["then"] = Array(list), ["else"] = Of(list.Item) },
        FlagShape => new() { ["type"] = "boolean" },
        TextShape { Pattern: { } pattern } => new() { ["type"] = "string", ["minLength"] = 1, ["pattern"] = pattern },
        TextShape => new() { ["type"] = "string", ["minLength"] = 1 },
        LiteralShape => new() { ["type"] = new JsonArray("string", "number", "boolean", "null") },
        NumberShape => new() { ["type"] = "number" },
        IntegerShape range => new() { ["type"] = "integer", ["minimum"] = range.Min, ["maximum"] = range.Max },
        VersionShape version => new() { ["type"] = "integer", ["const"] = version.Known },
        WordShape words => new() { ["type"] = "string", ["enum"] = Strings(words.Known) },
        _ => [],
    };

    private JsonObject Array(ListShape list)
    {
        var schema = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Of(list.Item) };
        if (list.MaxItems < int.MaxValue) schema["maxItems"] = list.MaxItems;
        return schema;
    }

    private JsonObject Map(MapShape map)
    {
        var properties = new JsonObject();
        foreach (var field in map.Fields)
        {
            var value = Of(field.Shape);
            // In draft-07 what stands beside a reference is ignored, so the words go around it.
            if (value.ContainsKey("$ref")) value = new() { ["allOf"] = new JsonArray(value) };
            value["description"] = field.About;
            properties[field.Name] = value;
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        var required = map.Fields.Where(static field => field.IsRequired).Select(static field => field.Name).ToList();
        if (required.Count > 0) schema["required"] = Strings(required);
        else if (!map.MayBeEmpty) schema["minProperties"] = 1;
        if (map.NeedsOneOf.Count > 0) schema["anyOf"] = new JsonArray([.. map.NeedsOneOf.Select(static name => new JsonObject { ["required"] = new JsonArray(name) })]);
        var needs = map.Fields.Where(static field => field.Needs is not null).ToList();
        if (needs.Count > 0) schema["dependencies"] = new JsonObject(needs.Select(static field => KeyValuePair.Create<string, JsonNode?>(field.Name, new JsonArray(field.Needs!))));
        return schema;
    }

    private JsonObject Named(NamedShape named)
    {
        if (!definitions.ContainsKey(named.Name))
        {
            definitions[named.Name] = new JsonObject(); // it may nest in itself
            definitions[named.Name] = Of(named.Get());
        }

        return new() { ["$ref"] = $"#/definitions/{named.Name}" };
    }

    private static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(static text => JsonValue.Create(text))]);
}
