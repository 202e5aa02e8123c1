using System.Globalization;
using System.Net;
using McpShield.Data;
using McpShield.Testing;
using Microsoft.EntityFrameworkCore;

namespace McpShield.EndToEnd.Tests;

/// <summary>What survives the end of a process, orderly or not.</summary>
public sealed class RestartTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_start_keeps_key_and_audits_and_shows_no_key_again()
    {
        await using var shield = new RunningShield();
        await shield.InitializeAsync();
        var key = shield.Key;
        await McpClient.OverHttpAsync("v2 modern", shield.Mcp, key, [McpClient.Call("sample__query", new { sql = "SELECT 1" })], Ct);
        var stopped = await shield.StopAsync(Ct);
        Assert.True(stopped.ExitCode == 0, $"{stopped.ExitCode}: {stopped.Errors}");

        await shield.StartAsync(Ct);
        var answers = await McpClient.OverHttpAsync("v2 modern", shield.Mcp, key, [McpClient.Call("sample__query", new { sql = "SELECT 2" })], Ct);

        Assert.DoesNotContain("mcps_", shield.Greeting, StringComparison.Ordinal);
        Assert.Equal("2", answers[0]["result"]!["structuredContent"]!["rows"]![0]![0]!.ToJsonString());
        Assert.Equal(2, (await shield.AuditsAsync(Ct)).Count);
    }

    [Fact]
    public async Task A_revoked_key_and_a_new_policy_reach_a_running_gateway()
    {
        await using var shield = new RunningShield();
        await shield.InitializeAsync();
        using var http = new HttpClient(new SocketsHttpHandler());
        async Task<(HttpStatusCode Status, string Body)> ListAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, shield.Mcp)
            {
                Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
            };
            request.Headers.Add("X-API-Key", shield.Key);
            request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
            request.Headers.Add("Mcp-Method", "tools/list");
            using var response = await http.SendAsync(request, Ct);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
        }

        Assert.Contains("sample__query", (await ListAsync()).Body, StringComparison.Ordinal);
        await using var database = ShieldDatabase.InDirectory(shield.Data);
        await using var db = database.Open();

        var project = await db.Projects.SingleAsync(Ct);
        project.PolicyYaml = "version: 1\ndefault: deny\nrules: []\n";
        await db.SaveChangesAsync(Ct);
        while ((await ListAsync()).Body.Contains("sample__query", StringComparison.Ordinal)) await Task.Delay(20, Ct);

        (await db.ApiKeys.SingleAsync(Ct)).RevokedAt = TimeProvider.System.GetUtcNow();
        await db.SaveChangesAsync(Ct);
        while ((await ListAsync()).Status is not HttpStatusCode.Unauthorized) await Task.Delay(20, Ct);
    }

    [Fact]
    public async Task A_killed_server_loses_no_decision_that_was_answered()
    {
        await using var shield = new RunningShield();
        await shield.InitializeAsync();
        await McpClient.OverHttpAsync("v1", shield.Mcp, shield.Key, [McpClient.Call("sample__query", new { sql = "SELECT 1" }), McpClient.Call("sample__query", new { sql = "DROP TABLE orders" })], Ct);

        await shield.Program.KillAsync(Ct);

        Assert.Equal(["deny", "allow"], (await shield.AuditsAsync(Ct)).Select(static one => (string?)one["decision"]));
    }

    /// <summary>
    /// The server dies, and its next start answers nothing: the decision on the next call is made from the known catalogue and then the
    /// gateway waits for the handshake. That is the moment between decision and forwarding.
    /// </summary>
    [Fact]
    public async Task Killed_between_decision_and_forwarding_the_decision_is_in_the_log_and_the_server_never_saw_the_call()
    {
        using var folder = new TemporaryFolder();
        var record = folder["record.txt"];
        folder.Write("policy.yaml", "version: 1\ndefault: deny\nrules:\n  - {id: everything, tool: \"rec.*\", decision: allow}\n");
        folder.Write("gateway.yaml", string.Create(CultureInfo.InvariantCulture, $$"""
            policy: policy.yaml
            audit: audit.jsonl
            servers:
              rec:
                command: {{Checkout.Node}}
                args: ["{{Checkout.Peer("recording-server.mjs")}}", "{{record}}"]
                env: {HANG_AFTER_CRASH: "1"}
            """));
        await using var gateway = RunningProgram.Start(Checkout.Program, ["run", "--config", folder["gateway.yaml"]]);
        await gateway.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""" + "\n");
        await gateway.ReadLineAsync(Ct);
        await gateway.SendAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"rec__crash"}}""" + "\n");
        await gateway.ReadLineAsync(Ct);

        await gateway.SendAsync("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"rec__echo","arguments":{"secret":"call"}}}""" + "\n");
        await Eventually.IsTrueAsync(() => File.ReadAllText(record).Split("\"initialize\"").Length == 3, Ct);
        await gateway.KillAsync(Ct);

        var listed = await RunningProgram.RunAsync(Checkout.Program, ["audits", "list", "--file", folder["audit.jsonl"], "--json"], Ct);
        var newest = System.Text.Json.Nodes.JsonNode.Parse(listed.Output.Split('\n')[0])!;
        Assert.Equal(("allow", "rec.echo"), ((string?)newest["decision"], (string?)newest["tool"]));
        Assert.Null(newest["status"]);
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(record, Ct), StringComparison.Ordinal);
    }
}
