using System.Net.Http.Headers;
using McpShield.Contracts;
using McpShield.Contracts.Client;
using McpShield.Server.Hosting;
using McpShield.Testing;
using McpShield.Web.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(McpShield.Web.Tests.WebServer))]

namespace McpShield.Web.Tests;

/// <summary>The real web host before the real API, once for all tests of this process.</summary>
public sealed class WebServer : IAsyncLifetime
{
    public const string Token = "the-shared-token-of-web-and-api-in-tests";
    public const string Password = "correct horse battery";

    private readonly TemporaryFolder folder = new();
    private ShieldHost? shield;
    private WebHost? web;

    public Uri Url => web!.Url;

    public Uri Api => shield!.Url;

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        shield = await ShieldHost.StartAsync(new(folder["api"], new("http://127.0.0.1:0"), "0.0.0-test", TimeProvider.System, ShieldSettings.Read(Variables())), NullLoggerFactory.Instance, ct);
        web = await StartAsync(folder["web"], Api, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (web is not null) await web.DisposeAsync();
        if (shield is not null) await shield.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>A web host of a test's own, before an API.</summary>
    public static Task<WebHost> StartAsync(string directory, Uri api, CancellationToken ct, TimeProvider? clock = null, Dictionary<string, string>? more = null) => WebHost.StartAsync(
        new(directory, new("http://127.0.0.1:0"), api, "0.0.0-test", clock ?? TimeProvider.System, WebSettings.Read(Variables(more))) { Program = "McpShield.Web.Tests" }, NullLoggerFactory.Instance, ct);

    public static Dictionary<string, string> Variables(Dictionary<string, string>? more = null)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["WEB_API_TOKEN"] = Token };
        foreach (var (name, value) in more ?? []) variables[name] = value;
        return variables;
    }

    /// <summary>What the dashboard calls the person of an address.</summary>
    public static string NameOf(string email) => $"Ada{email.Split('@')[0][^12..]}";

    /// <summary>Somebody with an account and a verified address.</summary>
    public async Task<string> RegisterAsync(CancellationToken ct)
    {
        var (_, client) = Visitor();
        var email = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        await client.Auth.RegisterAsync(new(email, Password, NameOf(email), "Lovelace"), ct);
        var mail = (await client.Outbox.ListAsync(ct, email)).Items[0].Text;
        var code = mail.Split('\n').Select(static line => line.Trim()).First(static line => line.Length == 6 && line.All(char.IsAsciiDigit));
        await client.Auth.VerifyOtpAsync(new(email, code, OtpPurposes.VerifyEmail), ct);
        return email;
    }

    /// <summary>Somebody's tokens, by another way than the site.</summary>
    public async Task<ShieldClient> ApiClientAsync(string email, CancellationToken ct)
    {
        var (http, client) = Visitor();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await client.Auth.LoginAsync(new(email, Password), ct)).AccessToken);
        return client;
    }

    private (HttpClient Http, ShieldClient Client) Visitor()
    {
        var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = Api };
        http.DefaultRequestHeaders.Add("X-Web-Api-Token", Token);
        http.DefaultRequestHeaders.Add("X-Visitor-Address", Browser.NewAddress());
        return (http, new(http));
    }
}
