using System.Globalization;
using System.Text;
using System.Text.Json;
using McpShield.Contracts;

namespace McpShield.Web.Features.Policies;

/// <summary>A rule made of a call on record: what passed would be denied, what was denied would pass, with exactly these arguments.</summary>
internal static class RuleDraft
{
    /// <summary>The policy with the rule before all others, since the first that matches decides.</summary>
    public static string Insert(string policyYaml, AuditStoryResponse story)
    {
        var lines = policyYaml.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n').ToList();
        var at = lines.FindIndex(static line => line.StartsWith("rules:", StringComparison.Ordinal));
        if (at < 0) return policyYaml.TrimEnd('\n') + "\nrules:\n" + Rule(story, "  ");
        var isEmpty = lines[at]["rules:".Length..].Trim().StartsWith("[]", StringComparison.Ordinal);
        if (isEmpty) lines[at] = "rules:";
        else if (lines[at]["rules:".Length..].Trim() is { Length: > 0 } rest && !rest.StartsWith('#')) return policyYaml; // a flow list: for its author to change
        var first = isEmpty ? null : lines.Skip(at + 1).FirstOrDefault(static line => line.TrimStart().StartsWith("- ", StringComparison.Ordinal));
        lines.Insert(at + 1, Rule(story, first is null ? "  " : first[..^first.TrimStart().Length]).TrimEnd('\n'));
        return string.Join('\n', lines);
    }

    private static string Rule(AuditStoryResponse story, string indent)
    {
        var entry = story.Entry;
        var denies = entry.Decision == "allow";
        var tool = entry.ToolName ?? "";
        var rule = new StringBuilder();
        Line($"# Made of a call of {entry.Timestamp.UtcDateTime:yyyy-MM-dd HH:mm} UTC, which was {entry.Decision}.");
        Line($"- id: {(denies ? "deny" : "allow")}-{Slug(tool)}-{entry.Id.ToString("N", CultureInfo.InvariantCulture)[^4..]}");
        Line($"  tool: {Quoted(tool)}");
        Line($"  decision: {(denies ? "deny" : "allow")}");
        if (!denies && Arguments(story) is { Count: > 0 } arguments)
        {
            Line("  conditions:");
            Line("    parameters:");
            foreach (var (name, value) in arguments) Line($"      {Quoted(name)}: {{const: {value}}}");
        }

        return rule.ToString();

        void Line(string text) => rule.Append(indent).Append(text).Append('\n');
    }

    private static List<(string Name, string Value)> Arguments(AuditStoryResponse story)
    {
        if (story.Payload is not { ValueKind: JsonValueKind.Object } payload || !payload.TryGetProperty("arguments", out var arguments) || arguments.ValueKind is not JsonValueKind.Object) return [];
        return [.. arguments.EnumerateObject()
            .Where(static one => one.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            .Select(static one => (one.Name, one.Value.ValueKind is JsonValueKind.String ? Quoted(one.Value.GetString()!) : one.Value.GetRawText()))];
    }

    private static string Slug(string tool) => string.Concat(tool.ToLowerInvariant().Select(static letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).Trim('-');

    // JSON's own form of a string is also YAML's.
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
