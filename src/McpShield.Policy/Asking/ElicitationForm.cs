using System.Buffers;
using McpShield.Policy.Json;

namespace McpShield.Policy.Asking;

/// <summary>Whether a form may be shown: flat, of known parts, and asking for nothing that looks like a secret.</summary>
/// <remarks>SPEC: 2025-11-25, elicitation: an object of primitive fields; servers must not ask for secrets by form.</remarks>
internal static class ElicitationForm
{
    private const int MaxFields = 32;
    private const int MaxChoices = 200;
    private static readonly SearchValues<char> FieldName = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    /// <summary>What is wrong, or <c>null</c>.</summary>
    public static string? Problem(JsonView schema, string message)
    {
        if (schema.Kind is not JsonKind.Object || !schema["type"u8].StringEquals("object"u8)) return "its requestedSchema is not an object schema";
        if (AskedMembers.Only(schema, "$schema", "type", "title", "description", "properties", "required", "additionalProperties") is { } extra) return $"its requestedSchema is not flat: {extra}";
        if (schema["additionalProperties"u8].Kind is not (JsonKind.Undefined or JsonKind.True or JsonKind.False)) return "its requestedSchema is not flat";

        var fields = schema["properties"u8];
        if (fields.Kind is not JsonKind.Object || fields.Count > MaxFields) return $"its form has no fields, or more than {MaxFields}";
        if (RequiredProblem(schema["required"u8], fields) is { } required) return required;
        var asksFreely = false;
        foreach (var (name, field) in fields.Members)
        {
            if (FieldProblem(name.GetString(), field) is { } problem) return problem;
            asksFreely |= IsFree(field);
        }

        return asksFreely && (SecretWords.HasPhrase(message) || SecretWords.HasPhrase(Text(schema, "title"u8)) || SecretWords.HasPhrase(Text(schema, "description"u8)))
            ? "it asks for what looks like a secret"
            : null;
    }

    private static string? RequiredProblem(JsonView required, JsonView fields)
    {
        if (required.Kind is not (JsonKind.Undefined or JsonKind.Array)) return "its required fields are not a list";
        foreach (var name in required.Items)
        {
            if (name.AsString() is not { } text || !fields[System.Text.Encoding.UTF8.GetBytes(text)].Exists) return "it requires a field that the form does not have";
        }

        return null;
    }

    private static string? FieldProblem(string name, JsonView field)
    {
        // Plain names, so that none only looks like another word.
        if (name.Length is 0 or > 64 || name.AsSpan().ContainsAnyExcept(FieldName)) return "a field has a name other than letters, digits, `_`, `.` and `-`";
        var extra = field["type"u8].AsString() switch
        {
            "string" when field["enum"u8].Exists => AskedMembers.Only(field, "type", "title", "description", "default", "enum", "enumNames") ?? ChoicesProblem(field["enum"u8]),
            "string" when field["oneOf"u8].Exists => AskedMembers.Only(field, "type", "title", "description", "default", "oneOf") ?? ChoicesProblem(field["oneOf"u8]),
            "string" => AskedMembers.Only(field, "type", "title", "description", "default", "minLength", "maxLength", "format", "pattern") ?? FormatProblem(field["format"u8]),
            "number" or "integer" => AskedMembers.Only(field, "type", "title", "description", "default", "minimum", "maximum"),
            "boolean" => AskedMembers.Only(field, "type", "title", "description", "default"),
            "array" => AskedMembers.Only(field, "type", "title", "description", "default", "items", "minItems", "maxItems", "uniqueItems") ?? ItemsProblem(field["items"u8]),
            _ => "its type is none of string, number, integer, boolean and a list of choices",
        };
        if (extra is not null) return $"a field is not one that forms may have: {extra}";

        // A choice among given values tells nothing that was not known; what is typed does.
        return IsFree(field) && (SecretWords.AreIn(name) || SecretWords.AreIn(Text(field, "title"u8)) || SecretWords.HasPhrase(Text(field, "description"u8)))
            ? "a field asks for what looks like a secret"
            : null;
    }

    private static bool IsFree(JsonView field) =>
        field["type"u8].AsString() is "number" or "integer" || (field["type"u8].StringEquals("string"u8) && !field["enum"u8].Exists && !field["oneOf"u8].Exists);

    private static string? FormatProblem(JsonView format) =>
        !format.Exists || format.AsString() is "email" or "uri" or "date" or "date-time" ? null : "its format is none of email, uri, date and date-time";

    private static string? ItemsProblem(JsonView items) => items["anyOf"u8].Exists
        ? AskedMembers.Only(items, "anyOf") ?? ChoicesProblem(items["anyOf"u8])
        : AskedMembers.Only(items, "type", "enum") ?? ChoicesProblem(items["enum"u8]);

    private static string? ChoicesProblem(JsonView choices)
    {
        if (choices.Kind is not JsonKind.Array || choices.Count is 0 or > MaxChoices) return $"its choices are none, or more than {MaxChoices}";
        foreach (var choice in choices.Items)
        {
            var value = choice.Kind is JsonKind.Object ? choice["const"u8] : choice;
            if (value.Kind is not JsonKind.String) return "a choice is not a text";
            if (choice.Kind is JsonKind.Object && AskedMembers.Only(choice, "const", "title", "description") is { } extra) return extra;
        }

        return null;
    }

    private static string Text(JsonView value, ReadOnlySpan<byte> name) => value[name].AsString() ?? "";
}
