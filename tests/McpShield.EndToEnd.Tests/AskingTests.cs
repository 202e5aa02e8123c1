using System.Text.Json.Nodes;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary>A real server asks, a real client answers, and the policy says what of it passes.</summary>
public sealed class AskingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("v1")]
    [InlineData("v2 legacy")]
    public async Task Input_of_the_person_is_asked_for_where_the_policy_allows_it_and_the_model_is_not(string kind)
    {
        var answers = await AskAsync(kind, "server_requests: {elicitation: allow, sampling: deny}");

        Assert.Contains("Name: Ada", answers[0].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("provide inputs", answers[0]["asked"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Unknown tool", answers[1].ToJsonString(), StringComparison.Ordinal); // it is not told of a model, so it has no such tool
        Assert.DoesNotContain("hello from the model", answers[1].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"method\":\"elicitation/create\"", await File.ReadAllTextAsync(folder["audit.jsonl"], Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2 legacy")]
    public async Task The_model_is_asked_where_the_policy_allows_it_and_the_person_is_not(string kind)
    {
        var answers = await AskAsync(kind, "server_requests: {sampling: allow}");

        Assert.Contains("Unknown tool", answers[0].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("hello from the model", answers[1].ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("""["sampling/createMessage"]""", answers[1]["asked"]!.ToJsonString());
    }

    [Fact]
    public async Task Without_the_key_nobody_is_asked_anything()
    {
        var answers = await AskAsync("v1", "# nothing");

        Assert.All(answers, static answer => Assert.Contains("Unknown tool", answer.ToJsonString(), StringComparison.Ordinal));
        Assert.DoesNotContain("elicitation/create", await File.ReadAllTextAsync(folder["audit.jsonl"], Ct), StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<JsonNode>> AskAsync(string kind, string requests)
    {
        var policy = folder.Write("policy.yaml", $"version: 1\n{requests}\nrules:\n  - {{id: all, tool: 'every.*', decision: allow}}\n");
        var answers = new JsonObject
        {
            ["elicitation/create"] = JsonNode.Parse("""{"action":"accept","content":{"name":"Ada","integer":7,"titledSingleSelectEnum":"hero-2","untitledMultipleSelectEnum":["Piano"]}}"""),
            ["sampling/createMessage"] = JsonNode.Parse("""{"role":"assistant","content":{"type":"text","text":"hello from the model"},"model":"test"}"""),
        };
        return McpClient.AskedOverStdioAsync(
            kind, Checkout.Program, ["run", "--policy", policy, "--audit", folder["audit.jsonl"], "--server", "every", "--", Checkout.Node, Checkout.PeerBin("mcp-server-everything"), "stdio"],
            answers, [McpClient.Call("every__trigger-elicitation-request"), McpClient.Call("every__trigger-sampling-request", new { prompt = "hi", maxTokens = 5 })], Ct);
    }
}
