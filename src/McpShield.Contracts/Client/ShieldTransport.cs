using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace McpShield.Contracts.Client;

/// <summary>Sends requests and reads answers; each group of endpoints is a class over it.</summary>
internal sealed class ShieldTransport(HttpClient http)
{
    public async Task<TResponse> SendAsync<TResponse>(HttpMethod method, string path, JsonTypeInfo<TResponse> response, CancellationToken ct, Action<HttpRequestMessage>? prepare = null)
    {
        using var answer = await SendAsync(method, path, content: null, ct, prepare);
        return await ReadAsync(answer, response, ct);
    }

    public async Task<TResponse> SendAsync<TRequest, TResponse>(HttpMethod method, string path, TRequest body, JsonTypeInfo<TRequest> request, JsonTypeInfo<TResponse> response, CancellationToken ct, Action<HttpRequestMessage>? prepare = null)
    {
        using var answer = await SendAsync(method, path, JsonContent.Create(body, request), ct, prepare);
        return await ReadAsync(answer, response, ct);
    }

    public async Task SendAsync<TRequest>(HttpMethod method, string path, TRequest body, JsonTypeInfo<TRequest> request, CancellationToken ct, Action<HttpRequestMessage>? prepare = null)
    {
        using var answer = await SendAsync(method, path, JsonContent.Create(body, request), ct, prepare);
    }

    public async Task SendAsync(HttpMethod method, string path, CancellationToken ct)
    {
        using var answer = await SendAsync(method, path, content: null, ct, prepare: null);
    }

    /// <summary>The answer itself, for what is no JSON; to be disposed. Its body is not read yet.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken ct, Action<HttpRequestMessage>? prepare)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        prepare?.Invoke(request);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await ProblemAsync(answer, ct);
    }

    /// <summary>A path with its query; values that are <c>null</c> are left out.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new System.Text.StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is null) continue;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return text.ToString();
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken ct) =>
        await answer.Content.ReadFromJsonAsync(type, ct) ?? throw new ShieldProblem(answer.StatusCode, new(null, null, null, "the API answered with nothing", "client.empty-answer"));

    private static async Task<ShieldProblem> ProblemAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        ProblemResponse? problem = null;
        try
        {
            if (answer.Content.Headers.ContentType is { MediaType: "application/problem+json" or "application/json" }) problem = await answer.Content.ReadFromJsonAsync(ServiceJson.Default.ProblemResponse, ct);
        }
        catch (JsonException)
        {
            // Something between us and the API answered; its status has to do.
        }

        return new(answer.StatusCode, problem, answer.Headers.RetryAfter is RetryConditionHeaderValue { Delta: { } wait } ? wait : null);
    }
}
