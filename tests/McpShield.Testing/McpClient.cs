using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpShield.Testing;

/// <summary>The official TypeScript client, driven through tests/peers/client.mjs. One answer a step, after the one that says who was connected to.</summary>
public static class McpClient
{
    /// <summary>Version of the SDK and era of the protocol, as tests name them.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["v1", "v2 legacy", "v2 modern", "v2 auto"];

    public static Task<IReadOnlyList<JsonNode>> OverHttpAsync(string kind, Uri url, string key, IEnumerable<JsonObject> steps, CancellationToken ct) =>
        RunAsync(kind, new() { ["url"] = url.ToString(), ["headers"] = new JsonObject { ["X-API-Key"] = key } }, steps, ct);

    public static Task<IReadOnlyList<JsonNode>> OverStdioAsync(string kind, string command, IEnumerable<string> arguments, IEnumerable<JsonObject> steps, CancellationToken ct) =>
        RunAsync(kind, new() { ["command"] = command, ["args"] = new JsonArray([.. arguments.Select(static argument => (JsonNode)argument)]) }, steps, ct);

    /// <summary>As <see cref="OverStdioAsync"/>, with what the client answers to what a server asks, by method.</summary>
    public static Task<IReadOnlyList<JsonNode>> AskedOverStdioAsync(string kind, string command, IEnumerable<string> arguments, JsonObject answers, IEnumerable<JsonObject> steps, CancellationToken ct) =>
        RunAsync(kind, new() { ["command"] = command, ["args"] = new JsonArray([.. arguments.Select(static argument => (JsonNode)argument)]), ["answers"] = answers }, steps, ct);

    public static JsonObject List() => new() { ["list"] = true };

    public static JsonObject Call(string tool, object? arguments = null, bool progress = false) =>
        new() { ["call"] = tool, ["arguments"] = JsonSerializer.SerializeToNode(arguments ?? new { }), ["progress"] = progress };

    private static async Task<IReadOnlyList<JsonNode>> RunAsync(string kind, JsonObject task, IEnumerable<JsonObject> steps, CancellationToken ct)
    {
        var words = kind.Split(' ');
        task["sdk"] = words[0];
        task["era"] = words.Length > 1 ? words[1] : null;
        task["steps"] = new JsonArray([.. steps]);
        var ended = await RunningProgram.RunAsync(Checkout.Node, [Checkout.Peer("client.mjs"), task.ToJsonString()], ct);
        var answers = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        if (answers.Count == 0 || answers[0]["connected"] is null) throw new InvalidOperationException($"the client did not connect: {ended.Output} {ended.Errors}");
        return [.. answers.Skip(1)];
    }
}
