using System.Text.Encodings.Web;
using System.Text.Json;
using McpShield.Policy.Language.Shapes;

namespace McpShield.Policy.Language;

/// <summary>The policy language as a JSON Schema (draft-07), for editors: completion, hover, and red lines while typing.</summary>
/// <remarks>Written from the shapes that the loader reads policies by. What loads is valid by it; what a schema cannot say (domains, canonical paths, unique ids) only the loader says.</remarks>
public static class PolicySchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
    private static readonly Lazy<string> Written = new(static () =>
        SchemaWriter.Write(Grammar.Policy, "MCPShield policy, version 1", "https://mcpshield.dev/policy/schema.json").ToJsonString(Indented) + "\n");

    /// <summary>The schema as JSON text, the same bytes in every run of one version.</summary>
    public static string Json => Written.Value;
}
