using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace McpShield.Server.Tests.Contract;

/// <summary>Whether JSON is what a schema of the description says: as much of JSON Schema as the description uses, and a keyword that is not known here is a finding.</summary>
internal sealed class SchemaCheck(ApiDescription description)
{
    private static readonly HashSet<string> Silent = new(["description", "title", "default", "example", "examples", "$ref", "additionalProperties"], StringComparer.Ordinal);

    /// <summary>What is wrong, with where; empty: nothing.</summary>
    public IReadOnlyList<string> Findings(JsonNode? value, JsonNode? schema)
    {
        var findings = new List<string>();
        Check(value, schema, "", findings);
        return findings;
    }

    private void Check(JsonNode? value, JsonNode? schema, string at, List<string> findings)
    {
        if (description.Resolve(schema) is not JsonObject shape) return;
        foreach (var (keyword, rule) in shape.Where(static member => !Silent.Contains(member.Key)))
        {
            if (Finding(value, keyword, rule!, at, findings) is { } finding) findings.Add($"{at}: {finding}");
        }

        if (value is not JsonObject members) return;
        foreach (var (name, member) in members)
        {
            if (shape["properties"]?[name] is { } known) Check(member, known, $"{at}/{name}", findings);
            else if (shape["additionalProperties"] is JsonValue) findings.Add($"{at}/{name}: is not described");
            else if (shape["additionalProperties"] is JsonObject other) Check(member, other, $"{at}/{name}", findings);
        }
    }

    private string? Finding(JsonNode? value, string keyword, JsonNode rule, string at, List<string> findings)
    {
        switch (keyword)
        {
            case "type":
                return Words(rule).Any(type => IsOf(value, type)) ? null : $"{Shown(value)} is no {string.Join(" or ", Words(rule))}";
            case "enum":
                return rule.AsArray().Any(one => JsonNode.DeepEquals(one, value)) ? null : $"{Shown(value)} is none of {rule.ToJsonString()}";
            case "required":
                return value is JsonObject whole && Words(rule).Where(name => !whole.ContainsKey(name)).ToList() is { Count: > 0 } missing ? $"{string.Join(", ", missing)} missing" : null;
            case "properties":
                return null;
            case "items":
                foreach (var (item, index) in (value as JsonArray ?? []).Select(static (item, index) => (item, index))) Check(item, rule, string.Create(CultureInfo.InvariantCulture, $"{at}/{index}"), findings);
                return null;
            case "oneOf" or "anyOf":
                return rule.AsArray().Any(one => Findings(value, one).Count == 0) ? null : $"{Shown(value)} is none of the shapes it may have";
            case "minLength" when TextOf(value) is { } text:
                return text.Length >= (int)rule ? null : $"is shorter than {rule}";
            case "maxLength" when TextOf(value) is { } text:
                return text.Length <= (int)rule ? null : $"is longer than {rule}";
            case "maxItems":
                return value is JsonArray list && list.Count > (int)rule ? $"has more than {rule} items" : null;
            case "pattern" when TextOf(value) is { } text:
                return Regex.IsMatch(text, (string)rule!, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) ? null : $"{Shown(value)} does not match {rule}";
            case "minimum" when IsOf(value, "number"):
                return (decimal)value! >= (decimal)rule ? null : $"is less than {rule}";
            case "maximum" when IsOf(value, "number"):
                return (decimal)value! <= (decimal)rule ? null : $"is more than {rule}";
            case "format":
                return TextOf(value) is not { } written || IsFormatted(written, (string)rule!) ? null : $"{Shown(value)} is no {rule}";
            case "minLength" or "maxLength" or "pattern" or "minimum" or "maximum":
                return null;
            default:
                return $"the schema says {keyword}, which this check does not know";
        }
    }

    private static bool IsOf(JsonNode? value, string type) => (type, value?.GetValueKind()) switch
    {
        ("null", null or JsonValueKind.Null) => true,
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger((decimal)value!),
        _ => false,
    };

    private static bool IsFormatted(string text, string format) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) && text.Contains('T', StringComparison.Ordinal),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ => true,
    };

    private static IEnumerable<string> Words(JsonNode rule) => rule is JsonArray several ? several.Select(static one => (string)one!) : [(string)rule!];

    private static string? TextOf(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? (string)value! : null;

    private static string Shown(JsonNode? value) => value?.ToJsonString() ?? "null";
}
