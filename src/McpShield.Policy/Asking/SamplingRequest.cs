using McpShield.Policy.Json;

namespace McpShield.Policy.Asking;

/// <summary>Whether what a server wants to ask a model may be asked: messages and how to answer them, no tools and nobody else's context.</summary>
internal static class SamplingRequest
{
    private const int MaxMessages = 64;

    /// <summary>What is wrong, or <c>null</c>.</summary>
    public static string? Problem(JsonView parameters)
    {
        // THREAT: `tools` would let a server drive the agent's model in a loop; `includeContext` hands it what other servers have said.
        if (AskedMembers.Only(parameters, "messages", "modelPreferences", "systemPrompt", "includeContext", "temperature", "maxTokens", "stopSequences", "metadata", "_meta") is { } extra) return extra;
        if (AskedText.Problem(parameters) is { } text) return text;
        if (parameters["includeContext"u8].Exists && !parameters["includeContext"u8].StringEquals("none"u8)) return "it asks for the context of the conversation";
        if (parameters["maxTokens"u8].Kind is not JsonKind.Number) return "its maxTokens is missing";
        if (parameters["systemPrompt"u8].Kind is not (JsonKind.Undefined or JsonKind.String)) return "its systemPrompt is not a text";

        var messages = parameters["messages"u8];
        if (messages.Kind is not JsonKind.Array || messages.Count > MaxMessages) return $"its messages are missing, or more than {MaxMessages}";
        foreach (var message in messages.Items)
        {
            if (AskedMembers.Only(message, "role", "content", "_meta") is { } other) return $"a message is not valid: {other}";
            if (message["role"u8].AsString() is not ("user" or "assistant")) return "a message has no role";
            if (message["content"u8].Kind is JsonKind.Array)
            {
                foreach (var part in message["content"u8].Items)
                {
                    if (!SampledContent.IsKnown(part)) return "a message holds something other than text, image and audio";
                }
            }
            else if (!SampledContent.IsKnown(message["content"u8]))
            {
                return "a message holds something other than text, image and audio";
            }
        }

        return null;
    }
}
