using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace McpShield.Server.Hosting;

/// <summary>What the generated schemas do not know of how this API reads and writes.</summary>
internal static class ApiSchemas
{
    /// <summary>Lists of allowed values, from the attribute that enforces them.</summary>
    public static void Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (schema.MinLength == 0) schema.MinLength = null;
        var attributes = context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];

        // `bool?` only tells an absent value from `false` there: it is demanded all the same.
        if (attributes.OfType<RequiredAttribute>().Any()) schema.Type &= ~JsonSchemaType.Null;
        if (attributes.OfType<AllowedValuesAttribute>().FirstOrDefault() is not { } allowed) return;
        schema.Enum = [.. allowed.Values.OfType<string>().Select(static value => (JsonNode)value)];
        schema.Type &= ~JsonSchemaType.Null;
    }

    /// <summary>A member without value is left out of answers, and may be left out of requests; answers may get new members, requests may not have unknown ones.</summary>
    public static void Settle(OpenApiDocument document)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var body in document.Paths.Values.SelectMany(static path => path.Operations ?? []).Select(static operation => operation.Value.RequestBody))
        {
            foreach (var content in body?.Content?.Values ?? []) Gather(content.Schema, asked);
        }

        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (schema is not OpenApiSchema shape) continue;
            foreach (var member in shape.Required?.Where(member => shape.Properties?[member] is { } property && IsNullable(property)).ToList() ?? []) shape.Required!.Remove(member);
            if (!asked.Contains(name)) shape.AdditionalPropertiesAllowed = true;
        }
    }

    private static bool IsNullable(IOpenApiSchema schema) => schema.Type?.HasFlag(JsonSchemaType.Null) is true || schema.OneOf?.Any(static one => one.Type == JsonSchemaType.Null) is true;

    private static void Gather(IOpenApiSchema? schema, HashSet<string> names)
    {
        if (schema is null || schema is OpenApiSchemaReference { Reference.Id: { } id } && !names.Add(id)) return;
        foreach (var inner in (schema.Properties?.Values ?? []).Append(schema.Items).Concat(schema.OneOf ?? []).Concat(schema.AnyOf ?? [])) Gather(inner, names);
    }
}
