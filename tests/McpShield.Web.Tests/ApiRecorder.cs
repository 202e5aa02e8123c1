using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Tests;

/// <summary>What one request to the API said.</summary>
public sealed record Asked(string Method, string Path, string? Authorization, string? WebToken, string? Address, string? UserAgent, string? Cookie);

/// <summary>Stands between the web host and the real API, passes everything on, and remembers it. It can also be an API that cannot be reached.</summary>
public sealed class ApiRecorder : IAsyncDisposable
{
    private static readonly string[] NotPassedOn = ["Host", "Transfer-Encoding", "Content-Length", "Connection"];

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly WebApplication app;

    private ApiRecorder(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    public ConcurrentQueue<Asked> Requests { get; } = [];

    /// <summary>Every token that the API has handed out.</summary>
    public ConcurrentBag<string> Tokens { get; } = [];

    /// <summary>Answers instead of the API, while it is set.</summary>
    public HttpStatusCode? Down { get; set; }

    /// <summary>Holds requests for a path until it is completed.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = new(StringComparer.Ordinal);

    public int Count(string path) => Requests.Count(one => one.Path == path);

    public static async Task<ApiRecorder> StartAsync(Uri api, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var recorder = new ApiRecorder(app);
        app.Run(context => recorder.PassOnAsync(api, context));
        await app.StartAsync(ct);
        return recorder;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in Gates.Values) gate.TrySetResult();
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassOnAsync(Uri api, HttpContext context)
    {
        var (from, to) = (context.Request, context.Response);
        string? Header(string name) => from.Headers[name] is [{ } value, ..] ? value : null;
        Requests.Enqueue(new(from.Method, from.Path, Header("Authorization"), Header("X-Web-Api-Token"), Header("X-Visitor-Address"), Header("User-Agent"), Header("Cookie")));
        if (Gates.TryGetValue(from.Path, out var gate)) await gate.Task.WaitAsync(context.RequestAborted);
        if (Down is { } status)
        {
            to.StatusCode = (int)status;
            return;
        }

        using var request = new HttpRequestMessage(new(from.Method), new Uri(api, from.Path + from.QueryString)) { Content = new StreamContent(from.Body) };
        foreach (var (name, values) in from.Headers)
        {
            if (NotPassedOn.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!)) request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        to.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!NotPassedOn.Contains(name, StringComparer.OrdinalIgnoreCase)) to.Headers[name] = values.ToArray();
        }

        if (from.Path.Value is "/auth/login" or "/auth/refresh" && answer.IsSuccessStatusCode)
        {
            await answer.Content.LoadIntoBufferAsync(context.RequestAborted);
            if (JsonNode.Parse(await answer.Content.ReadAsStringAsync(context.RequestAborted)) is JsonObject tokens && tokens.ContainsKey("refresh_token"))
            {
                Tokens.Add((string)tokens["access_token"]!);
                Tokens.Add((string)tokens["refresh_token"]!);
            }
        }

        await answer.Content.CopyToAsync(to.Body, context.RequestAborted);
    }
}
