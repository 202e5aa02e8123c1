using System.Net.Http.Headers;
using McpShield.Contracts.Client;

namespace McpShield.Cli;

/// <summary>The control plane, as the person at the shell.</summary>
internal sealed class ApiSession : IDisposable
{
    private const string UrlVariable = "MCPSHIELD_API_URL";
    private const string TokenVariable = "MCPSHIELD_TOKEN";
    private const string DefaultUrl = "http://localhost:8000";

    private readonly HttpClient http;

    private ApiSession(HttpClient http) => (this.http, Api) = (http, new(http));

    public ShieldClient Api { get; }

    /// <summary>Opens it at <paramref name="apiUrl"/>, else where the environment says.</summary>
    public static ApiSession Open(string? apiUrl)
    {
        var text = apiUrl ?? Environment.GetEnvironmentVariable(UrlVariable) ?? DefaultUrl;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new CommandException(ExitCodes.Usage, $"`{text}` is no address of a control plane; write it like {DefaultUrl}");
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new(http);
    }

    public void Dispose() => http.Dispose();
}
