using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpShield.Data;
using McpShield.Data.Ephemeral;
using McpShield.Server.Hosting;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpShield.EndToEnd.Tests;

/// <summary><c>mcpshield projects …</c> and <c>keys …</c>, as a shell script sees them.</summary>
public sealed class ApiCommandTests : IAsyncLifetime
{
    private const string Secret = "a secret of thirty-two bytes or more, for tests";

    private readonly TemporaryFolder folder = new();
    private ShieldHost? host;
    private string token = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var settings = ShieldSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["JWT_SECRET"] = Secret });
        host = await ShieldHost.StartAsync(new(folder["data"], new("http://127.0.0.1:0"), "0.0.0-test", TimeProvider.System, settings), NullLoggerFactory.Instance, Ct);
        token = await SignInAsync(host);
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_project_is_made_listed_shown_and_deleted()
    {
        var id = (await DoneAsync("projects", "create", "payments", "--environment", "prod")).Trim();

        Assert.Equal(["payments", "demo"], (await LinesAsync("projects", "list")).Select(static one => (string?)one["name"]));
        Assert.Contains("default: deny", await DoneAsync("projects", "show", "payments"), StringComparison.Ordinal);
        Assert.Equal((id, "prod"), ((string?)(await LinesAsync("projects", "show", id))[0]["id"], (string?)(await LinesAsync("projects", "show", id))[0]["environment"]));
        Assert.Equal(2, (await RunAsync("projects", "delete", "payments")).ExitCode);
        await DoneAsync("projects", "delete", "payments", "--yes");
        Assert.Single(await LinesAsync("projects", "list"));
    }

    [Fact]
    public async Task A_key_is_printed_once_and_revoked_by_its_beginning()
    {
        var key = (await DoneAsync("keys", "create", "demo", "--name", "support bot", "--role", "support", "--role", "eu", "--expires-in-days", "30")).Trim();
        Assert.StartsWith("mcps_", key, StringComparison.Ordinal);

        var listed = (await LinesAsync("keys", "list", "demo", "--status", "live"))[0];
        Assert.Equal(("support-bot", "support eu"), ((string?)listed["agent"], string.Join(' ', listed["roles"]!.AsArray().Select(static role => (string?)role))));
        Assert.DoesNotContain(key, await DoneAsync("keys", "list", "demo", "--json"), StringComparison.Ordinal);

        await DoneAsync("keys", "revoke", "demo", (string)listed["prefix"]!);
        Assert.Equal("revoked", (string?)(await LinesAsync("keys", "list", "demo"))[0]["status"]);
    }

    [Fact]
    public async Task What_the_api_refuses_is_one_line_and_code_1()
    {
        foreach (var words in new string[][] { ["projects", "show", "nothing"], ["projects", "create", "demo"], ["keys", "create", "demo", "--role", "A B"] })
        {
            var ended = await RunAsync(words);
            Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
            Assert.StartsWith("mcpshield: ", ended.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_api_that_is_not_there_is_code_3_and_nobody_signed_in_code_1()
    {
        var away = await RunningProgram.RunAsync(Checkout.Program, ["projects", "list", "--api", $"http://127.0.0.1:{FreePort.Next()}"], Ct, new Dictionary<string, string?> { ["MCPSHIELD_TOKEN"] = token });
        var nobody = await RunningProgram.RunAsync(Checkout.Program, ["projects", "list"], Ct, new Dictionary<string, string?> { ["MCPSHIELD_TOKEN"] = null, ["HOME"] = folder["home"] });

        Assert.Equal((3, 1), (away.ExitCode, nobody.ExitCode));
    }

    private async Task<string> DoneAsync(params string[] words)
    {
        var ended = await RunAsync(words);
        Assert.True(ended.ExitCode == 0, ended.Errors);
        return ended.Output;
    }

    private async Task<IReadOnlyList<JsonNode>> LinesAsync(params string[] words) =>
        [.. (await DoneAsync([.. words, "--json"])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!)];

    private Task<Ended> RunAsync(params string[] words) => RunningProgram.RunAsync(Checkout.Program, words, Ct, new Dictionary<string, string?> { ["MCPSHIELD_API_URL"] = host!.Url.ToString(), ["MCPSHIELD_TOKEN"] = token });

    // The owner of a first start has no password: a session is begun for them as signing in would.
    private static async Task<string> SignInAsync(ShieldHost host)
    {
        await using var db = host.Services.GetRequiredService<ShieldDatabase>().Open();
        var owner = await db.Users.SingleAsync(Ct);
        var session = UserSession.Begin(owner.Id, isRemembered: false, "127.0.0.1", "tests", TimeProvider.System.GetUtcNow());
        await host.Services.GetRequiredService<EphemeralStores>().Sessions.CreateAsync(session, RefreshToken.Create(session.Id), Ct);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = "mcpshield", ["aud"] = "mcpshield-api", ["sub"] = $"{owner.Id:D}", ["sid"] = $"{session.Id:D}", ["iat"] = now, ["nbf"] = now - 5, ["exp"] = now + 600 };
        var signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(signed)))}";
    }
}
