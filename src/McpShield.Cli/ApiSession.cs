using System.CommandLine;
using System.Net.Http.Headers;
using McpShield.Contracts.Client;

namespace McpShield.Cli;

/// <summary>The control plane's API, asked as whoever is signed in.</summary>
internal sealed class ApiSession : IDisposable
{
    private const string UrlVariable = "MCPSHIELD_API_URL";
    private const string TokenVariable = "MCPSHIELD_TOKEN";
    private const string DefaultUrl = "http://localhost:8000";

    private readonly HttpClient http;

    private ApiSession(HttpClient http) => (this.http, Api) = (http, new(http));

    public ShieldClient Api { get; }

    /// <summary>The option by which every command over the API takes its address.</summary>
    public static Option<string?> ApiOption() => new("--api") { Description = $"The API's address. Default: {UrlVariable}, else {DefaultUrl}." };

    public static ApiSession Open(string? api)
    {
        var text = api ?? Environment.GetEnvironmentVariable(UrlVariable) ?? DefaultUrl;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new CommandException(ExitCodes.Usage, $"`{text}` is not the address of an API; write it like {DefaultUrl}");
        if (Environment.GetEnvironmentVariable(TokenVariable) is not { Length: > 0 } token) throw new CommandException(ExitCodes.Usage, $"nobody is signed in: put an access token in {TokenVariable}");
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new(http);
    }

    public void Dispose() => http.Dispose();
}
