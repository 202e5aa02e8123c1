using System.Text.RegularExpressions;
using McpShield.Contracts.Client;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests.Copies;

/// <summary>One process of several, with a data directory and a port of its own.</summary>
internal sealed partial class ShieldCopy : IAsyncDisposable
{
    private readonly TemporaryFolder folder;
    private readonly List<HttpClient> clients = [];

    private ShieldCopy(RunningProgram program, TemporaryFolder folder, string greeting)
    {
        (Program, this.folder, Greeting) = (program, folder, greeting);
        Url = ApiLine().Match(greeting) is { Success: true } api ? new(api.Groups["url"].Value) : null;
    }

    public RunningProgram Program { get; }

    public string Greeting { get; }

    /// <summary><c>null</c>: it listens nowhere.</summary>
    public Uri? Url { get; }

    public static async Task<ShieldCopy> StartAsync(SharedBackend backend, string roles, CancellationToken ct, string apiUrl = "http://127.0.0.1:0")
    {
        var folder = new TemporaryFolder();
        var program = RunningProgram.Start(Checkout.Program, ["up", "--roles", roles, "--data", folder["data"], "--api-url", apiUrl], backend.Variables);
        return new(program, folder, await program.ReadUntilAsync("Stop with", ct));
    }

    /// <summary>A client of its own, with a person's access token or a program's key.</summary>
    public ShieldClient Client(string? token = null, string? key = null)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Url };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        if (key is not null) http.DefaultRequestHeaders.Add("X-API-Key", key);
        lock (clients) clients.Add(http);
        return new(http);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients) client.Dispose();
        await Program.DisposeAsync();
        folder.Dispose();
    }

    [GeneratedRegex(@"API +(?<url>http\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ApiLine();
}
