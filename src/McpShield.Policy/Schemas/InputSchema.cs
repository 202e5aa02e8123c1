using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;

namespace McpShield.Policy.Schemas;

/// <summary>A tool's input schema, read once. Immutable; safe for concurrent use.</summary>
/// <remarks>
/// SPEC: JSON Schema 2020-12, the part that tool definitions use, with one addition: what the schema does not name must not be there
/// (policy language, section 6, <c>schema: pinned</c>). A keyword that is not known makes the answer an error, never a yes.
/// </remarks>
public sealed class InputSchema
{
    private readonly SchemaNode root;

    private InputSchema(SchemaNode root) => this.root = root;

    /// <summary>Reads a schema. Never throws for what it holds: a part that cannot be judged is an error for the arguments it is about.</summary>
    public static InputSchema Read(JsonView schema) => new(new SchemaReader(schema).Read(schema));

    /// <summary>Whether <paramref name="arguments"/> fit; no value means an empty object.</summary>
    public Truth Fits(JsonView arguments)
    {
        if (arguments.Kind is JsonKind.Object) return root.Judge(arguments, SchemaNode.MaxDepth);
        return JsonTree.TryRead("{}"u8.ToArray(), JsonLimits.Arguments, out var empty, out _) && arguments.Kind is JsonKind.Undefined or JsonKind.Null
            ? root.Judge(empty!.Root, SchemaNode.MaxDepth)
            : Truth.Error;
    }
}
