using McpShield.Policy.Json;

namespace McpShield.Gateway.Protocol;

/// <summary>Whether the parameters of a <c>tools/call</c> hold what a call may hold, and nothing else.</summary>
internal static class ToolCallParams
{
    public static string? Problem(JsonView parameters)
    {
        if (parameters.Kind is not JsonKind.Object) return "params is missing";
        foreach (var (name, value) in parameters.Members)
        {
            if (name.StringEquals("name"u8))
            {
                if (value.Kind is not JsonKind.String) return "name must be a string";
            }
            else if (name.StringEquals("arguments"u8))
            {
                if (value.Kind is not (JsonKind.Object or JsonKind.Null)) return "arguments must be an object";
                if (value.Depth() > JsonLimits.Arguments.MaxDepth) return $"arguments are nested more than {JsonLimits.Arguments.MaxDepth} deep";
            }
            else if (name.StringEquals("_meta"u8))
            {
                if (value.Kind is not JsonKind.Object) return "_meta must be an object";
            }
            else
            {
                // THREAT: what no policy looks at must not travel beside what it looks at.
                return "params may hold only name, arguments and _meta";
            }
        }

        return parameters["name"u8].Exists ? null : "name is missing";
    }
}
