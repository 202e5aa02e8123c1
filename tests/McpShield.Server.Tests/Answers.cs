using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Contracts.Client;

namespace McpShield.Server.Tests;

/// <summary>What the server answers to words that no typed client would send, and what a refusal must look like.</summary>
internal static class Answers
{
    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage answer, CancellationToken ct) => (await answer.Content.ReadFromJsonAsync<JsonNode>(ct))!;

    /// <summary>The answer is a problem with that status and code.</summary>
    public static async Task<JsonNode> IsProblemAsync(this HttpResponseMessage answer, HttpStatusCode status, string code, CancellationToken ct)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.JsonAsync(ct);
        Assert.Equal((code, (int)status), ((string?)problem["code"], (int?)problem["status"]));
        Assert.False(string.IsNullOrWhiteSpace((string?)problem["detail"]));
        return problem;
    }

    /// <summary>The call is refused with that status and code.</summary>
    public static async Task<ShieldProblem> RefusedAsync(Func<Task> call, HttpStatusCode status, string code)
    {
        var problem = await Assert.ThrowsAsync<ShieldProblem>(call);
        Assert.Equal((status, code), (problem.Status, problem.Code));
        return problem;
    }
}
