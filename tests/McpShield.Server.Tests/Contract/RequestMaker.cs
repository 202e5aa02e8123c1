using System.Text.Json.Nodes;
using CsCheck;

namespace McpShield.Server.Tests.Contract;

/// <summary>Makes requests of a description: now and then as it asks, more often with something wrong. The same number always makes the same request.</summary>
internal sealed class RequestMaker(ApiDescription description, uint seed)
{
    private static readonly string[] OddTexts =
    [
        "", " ", "null", "true", "0", "-1", "1e400", "\u0000", "\u202Eabc", "ſ", "K", "😀", "\uFFFF", "'; DROP TABLE users; --", "<script>alert(1)</script>", "../../etc/passwd", "%00", "%2e%2e%2f",
        "${jndi:ldap://x}", "{{7*7}}", new('a', 300), new('ü', 500), "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "00000000-0000-0000-0000-000000000000", "free", "dev", "allow", "admin",
    ];

    private readonly PCG random = new(seed, 2026);

    /// <summary>A path with its query, filled in; identifiers that exist come from <paramref name="known"/>, by the name of the parameter.</summary>
    public string Path(ApiOperation operation, IReadOnlyDictionary<string, string> known)
    {
        var path = operation.Path;
        var query = new List<string>();
        foreach (var parameter in operation.Parameters)
        {
            var name = (string)parameter["name"]!;
            switch ((string?)parameter["in"])
            {
                case "path":
                    path = path.Replace($"{{{name}}}", Uri.EscapeDataString(known.TryGetValue(name, out var id) && !OneIn(5) ? id : Segment(parameter["schema"])), StringComparison.Ordinal);
                    break;
                case "query" when !OneIn(3):
                    query.Add($"{name}={Uri.EscapeDataString(known.TryGetValue(name, out var own) && OneIn(2) ? own : Text(parameter["schema"]))}");
                    break;
            }
        }

        if (OneIn(20)) query.Add("unknown=1");
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    /// <summary>A body, or something that is none.</summary>
    public string? Body(ApiOperation operation)
    {
        if (operation.BodySchema is not { } schema) return OneIn(10) ? "{}" : null;
        if (OneIn(15)) return Pick("", "{", "[]", "null", "7", "\"x\"", "{\"a\":1,\"a\":2}", new string('[', 200), "{\"x\":" + new string('9', 400) + "}", "\uFEFF{}");
        return Value(schema, depth: 0)?.ToJsonString() ?? "null";
    }

    private JsonNode? Value(JsonNode? schema, int depth)
    {
        if (depth > 6) return null;
        if (OneIn(12)) return Odd();
        schema = description.Resolve(schema);
        var choices = schema?["oneOf"] ?? schema?["anyOf"];
        if (choices is JsonArray { Count: > 0 } many) return Value(many[Below(many.Count)], depth + 1);
        if (schema?["enum"] is JsonArray { Count: > 0 } words) return words[Below(words.Count)]?.DeepClone();
        return TypeOf(schema) switch
        {
            "object" => Object(schema!, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, Below(4)).Select(_ => Value(schema!["items"], depth + 1))]),
            "integer" or "number" => JsonValue.Create(OneIn(4) ? Pick(int.MinValue, -1, 0, int.MaxValue) : Below(100)),
            "boolean" => JsonValue.Create(OneIn(2)),
            "string" => JsonValue.Create(Text(schema)),
            _ => Odd(),
        };
    }

    private JsonObject Object(JsonNode schema, int depth)
    {
        var made = new JsonObject();
        var required = schema["required"]?.AsArray().Select(static name => (string)name!).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) ? !OneIn(15) : OneIn(2)) made[name] = Value(property, depth + 1);
        }

        if (OneIn(15)) made["unknown_member"] = 1;
        return made;
    }

    private string Text(JsonNode? schema)
    {
        schema = description.Resolve(schema);
        if (OneIn(4)) return Pick(OddTexts);
        if (TypeOf(schema) is "integer" or "number") return Below(300).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return (string?)schema?["format"] switch
        {
            "uuid" => Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(Below(20_000))).ToString("D"),
            "date-time" => DateTimeOffset.UnixEpoch.AddSeconds(Below(int.MaxValue)).ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            "uri" => "https://example.com/x",
            "email" => $"fuzz{Below(1_000)}@example.com",
            _ => OneIn(3) ? $"fuzz{Below(1_000)}@example.com" : $"fuzz {Below(1_000)}",
        };
    }

    // Nothing at all between two slashes is the address of another operation.
    private string Segment(JsonNode? schema) => Text(schema) is { Length: > 0 } text ? text : "-";

    private static string? TypeOf(JsonNode? schema) => schema?["type"] switch
    {
        JsonArray types => types.Select(static type => (string?)type).FirstOrDefault(static type => type != "null"),
        JsonValue type => (string?)type,
        _ => null,
    };

    private JsonNode? Odd() => Below(8) switch
    {
        0 => null,
        1 => JsonValue.Create(true),
        2 => JsonValue.Create(long.MaxValue),
        3 => JsonValue.Create(-0.5),
        4 => new JsonArray(),
        5 => new JsonObject { ["x"] = new JsonObject { ["y"] = new JsonArray(1, "2") } },
        _ => JsonValue.Create(Pick(OddTexts)),
    };

    private bool OneIn(int times) => random.Next((uint)times) == 0;

    private int Below(int most) => (int)random.Next((uint)most);

    private T Pick<T>(params T[] items) => items[Below(items.Length)];
}
