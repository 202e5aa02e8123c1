using System.Net;
using System.Text.RegularExpressions;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary>However the program is started, and from wherever, the site is whole: the entry assembly is not the one that the site's files belong to.</summary>
public sealed partial class StartTests : IDisposable
{
    private static readonly Dictionary<string, string?> Quiet = new(StringComparer.Ordinal) { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" };

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Project => Path.Combine(Checkout.Root, "src", "McpShield.Cli");

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(Checkout.Program))!;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task By_dotnet_run_the_site_is_whole() => await IsWholeAsync("dotnet", ["run", "--no-build", "-c", Configuration, "--project", Project, "--"]);

    [Fact]
    public async Task From_a_published_folder_the_site_is_whole_and_its_files_are_kept_for_ever()
    {
        await DotnetAsync("publish", Project, "--no-build", "-c", Configuration, "-o", folder["published"]);

        var sheet = await IsWholeAsync(Path.Combine(folder["published"], "mcpshield"), []);

        Assert.Contains("immutable", sheet.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("br", Assert.Single(sheet.Content.Headers.ContentEncoding));
    }

    [Fact]
    public async Task As_an_installed_tool_the_site_is_whole()
    {
        await DotnetAsync("pack", Project, "--no-build", "-c", Configuration, "-o", folder["packed"]);
        await DotnetAsync("tool", "install", "McpShield", "--tool-path", folder["tools"], "--source", folder["packed"]);

        await IsWholeAsync(Path.Combine(folder["tools"], "mcpshield"), []);
    }

    private async Task<HttpResponseMessage> IsWholeAsync(string program, string[] arguments)
    {
        // What lies where the program is started is none of its business.
        folder.Write("elsewhere/wwwroot/css/base.css", "wrong");
        folder.Write("elsewhere/appsettings.json", "{\"urls\":\"http://127.0.0.1:1\"");
        await using var running = RunningProgram.Start(program, [.. arguments, "up", "--data", folder["data"], "--api-url", "http://127.0.0.1:0", "--web-url", "http://127.0.0.1:0"], Quiet, Path.Combine(folder.Path, "elsewhere"));
        var greeting = await running.ReadUntilAsync("Stop with", Ct);
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new(WebLine().Match(greeting).Groups["url"].Value) };

        var page = await http.GetStringAsync("/", Ct);

        foreach (var path in new[] { "/_framework/blazor.web.js", "/McpShield.Web.bundle.scp.css", "/js/site.js", "/lib/editor.js" })
        {
            using var file = await http.GetAsync(path, Ct);
            Assert.True(file.StatusCode == HttpStatusCode.OK, $"{path}: {file.StatusCode}");
        }

        Assert.All(References().Matches(page), reference => Assert.Matches(@"\.[a-z0-9]{10}\.", reference.Groups["path"].Value)); // named by what is in them
        http.DefaultRequestHeaders.Add("Accept-Encoding", "br");
        var sheet = await http.GetAsync("/" + References().Match(page).Groups["path"].Value, Ct);
        Assert.Equal(HttpStatusCode.OK, sheet.StatusCode);
        return sheet;
    }

    private static async Task DotnetAsync(params string[] arguments)
    {
        var ended = await RunningProgram.RunAsync("dotnet", arguments, Ct, Quiet);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
    }

    [GeneratedRegex(@"web +(?<url>http\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WebLine();

    [GeneratedRegex("(rel=\"stylesheet\" href|<script( type=\"module\")? src)=\"(?<path>[^\"/][^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex References();
}
