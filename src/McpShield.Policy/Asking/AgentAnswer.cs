using System.Buffers;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Schemas;

namespace McpShield.Policy.Asking;

/// <summary>What an agent answered to what a server asked: held against the question, and written anew with what the answer may hold.</summary>
public static class AgentAnswer
{
    private const int MaxRoots = 256;
    private const int MaxAnswer = 64 * 1024;

    /// <summary>The result that the server gets, or <c>null</c> and what is wrong with it.</summary>
    /// <param name="kind">What was asked for.</param>
    /// <param name="parameters">The request as it was passed on.</param>
    /// <param name="result">The agent's result.</param>
    /// <param name="problem">For people; nothing of the answer itself.</param>
    public static byte[]? Read(ServerRequestKind kind, JsonView parameters, JsonView result, out string problem)
    {
        var output = new ArrayBufferWriter<byte>();
        problem = kind switch
        {
            ServerRequestKind.Elicitation => Elicited(parameters, result, output),
            ServerRequestKind.Sampling => Sampled(result, output),
            ServerRequestKind.Roots => Rooted(result, output),
            _ => "nothing was asked",
        } ?? "";
        return problem.Length == 0 ? output.WrittenSpan.ToArray() : null;
    }

    private static string? Elicited(JsonView parameters, JsonView result, ArrayBufferWriter<byte> output)
    {
        if (result.Raw.Length > MaxAnswer) return $"the answer is larger than {MaxAnswer} bytes";
        if (AskedMembers.Only(result, "action", "content", "_meta") is { } extra) return extra;
        if (result["action"u8].AsString() is not ("accept" or "decline" or "cancel")) return "the answer neither accepts, declines nor cancels";

        output.Write("{\"action\":"u8);
        output.Write(result["action"u8].Raw);
        var content = result["content"u8];
        if (result["action"u8].StringEquals("accept"u8) && !ElicitationRequest.IsByUrl(parameters))
        {
            if (content.Kind is not JsonKind.Object) return "the answer accepts without content";
            if (AskedText.Problem(content) is { } text) return text;
            if (InputSchema.Read(parameters["requestedSchema"u8]).Fits(content) is not Truth.True) return "the answer does not fit the form";
            output.Write(",\"content\":"u8);
            content.WriteTo(output);
        }

        output.Write("}"u8);
        return null;
    }

    private static string? Sampled(JsonView result, ArrayBufferWriter<byte> output)
    {
        if (AskedMembers.Only(result, "role", "content", "model", "stopReason", "_meta") is { } extra) return extra;
        if (result["role"u8].AsString() is not ("assistant" or "user")) return "the answer has no role";
        if (result["model"u8].AsString() is not { Length: > 0 and <= 256 }) return "the answer names no model";
        if (!SampledContent.IsKnown(result["content"u8])) return "the answer is neither text, image nor audio";

        output.Write("{\"role\":"u8);
        output.Write(result["role"u8].Raw);
        output.Write(",\"content\":"u8);
        SampledContent.Write(result["content"u8], output);
        output.Write(",\"model\":"u8);
        output.Write(result["model"u8].Raw);
        if (result["stopReason"u8].AsString() is { Length: <= 64 })
        {
            output.Write(",\"stopReason\":"u8);
            output.Write(result["stopReason"u8].Raw);
        }

        output.Write("}"u8);
        return null;
    }

    private static string? Rooted(JsonView result, ArrayBufferWriter<byte> output)
    {
        if (result.Raw.Length > MaxAnswer) return $"the answer is larger than {MaxAnswer} bytes";
        if (AskedMembers.Only(result, "roots", "_meta") is { } extra) return extra;
        var roots = result["roots"u8];
        if (roots.Kind is not JsonKind.Array || roots.Count > MaxRoots) return $"the answer holds no roots, or more than {MaxRoots}";

        output.Write("{\"roots\":["u8);
        var first = true;
        foreach (var root in roots.Items)
        {
            // SPEC: 2025-11-25, roots: a root is a file URI.
            if (root["uri"u8].AsString() is not { Length: <= 4_096 } uri || !uri.StartsWith("file://", StringComparison.Ordinal)) return "a root is no file URI";
            if (!first) output.Write(","u8);
            first = false;
            output.Write("{\"uri\":"u8);
            output.Write(root["uri"u8].Raw);
            if (root["name"u8].Kind is JsonKind.String)
            {
                output.Write(",\"name\":"u8);
                output.Write(root["name"u8].Raw);
            }

            output.Write("}"u8);
        }

        output.Write("]}"u8);
        return null;
    }
}
