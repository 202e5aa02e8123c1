using System.Text.Json.Nodes;
using McpShield.Testing;

namespace McpShield.EndToEnd.Tests;

/// <summary>The local gateway in front of real servers, under real clients.</summary>
public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Clients => [.. McpClient.Kinds];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Under_the_inspector_a_file_inside_the_prefix_is_read_and_one_outside_never_reaches_the_server()
    {
        var arguments = FileServer(out var docs, out var record);
        folder.Write("docs/a.txt", "hello from a");
        folder.Write("secret.txt", "not for agents");

        var inside = await InspectAsync(arguments, $"path={docs}/a.txt");
        var outside = await InspectAsync(arguments, $"path={docs}/../secret.txt");

        Assert.Contains("hello from a", inside.Output, StringComparison.Ordinal);
        Assert.Contains("Denied by policy: no rule allows this call", outside.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not for agents", outside.Output, StringComparison.Ordinal);
        var seen = await File.ReadAllTextAsync(record, Ct);
        Assert.Contains("a.txt", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("secret.txt", seen, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Every_client_reads_a_file_through_the_gateway_and_is_refused_outside(string kind)
    {
        var arguments = FileServer(out var docs, out var record);
        folder.Write("docs/a.txt", "hello from a");

        var answers = await McpClient.OverStdioAsync(
            kind, Checkout.Program, arguments, [McpClient.List(), McpClient.Call("fs__read_text_file", new { path = $"{docs}/a.txt" }), McpClient.Call("fs__read_text_file", new { path = "/etc/passwd" }), McpClient.Call("fs__write_file", new { path = $"{docs}/b.txt", content = "x" })], Ct);

        Assert.Equal("""["fs__read_text_file"]""", answers[0]["tools"]!.ToJsonString());
        Assert.Contains("hello from a", answers[1].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("outside", answers[2].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Unknown tool", (string)answers[3]["error"]!["message"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", await File.ReadAllTextAsync(record, Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("b.txt", await File.ReadAllTextAsync(record, Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2 modern")]
    public async Task The_everything_server_works_over_both_transports_behind_one_gateway(string kind)
    {
        await using var http = await EverythingOverHttpAsync();
        folder.Write("policy.yaml", "version: 1\ndefault: deny\nrules:\n  - {id: sums, tool: \"*.get-sum\", decision: allow}\n  - {id: echo, tool: \"near.echo\", decision: allow}\n");
        folder.Write("gateway.yaml", $$"""
            policy: policy.yaml
            audit: audit.jsonl
            servers:
              near:
                command: {{Checkout.Node}}
                args: ["{{Checkout.PeerBin("mcp-server-everything")}}", stdio]
              far:
                url: {{http.Url}}
                headers: {X-Test: "${HOME}"}
            """);

        var answers = await McpClient.OverStdioAsync(
            kind, Checkout.Program, ["run", "--config", folder["gateway.yaml"]],
            [McpClient.List(), McpClient.Call("near__get-sum", new { a = 2, b = 3 }), McpClient.Call("far__get-sum", new { a = 20, b = 30 }), McpClient.Call("near__echo", new { message = "hi" }), McpClient.Call("far__echo", new { message = "hi" })], Ct);

        Assert.Equal("""["far__get-sum","near__echo","near__get-sum"]""", answers[0]["tools"]!.ToJsonString());
        Assert.Contains("is 5", answers[1].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("is 50", answers[2].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Echo: hi", answers[3].ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Unknown tool", answers[4].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_policy_stops_the_start_with_its_place()
    {
        var policy = folder.Write("broken.yaml", "version: 1\nrules:\n  - tool: fs.*\n    decison: allow\n");

        var ended = await RunningProgram.RunAsync(Checkout.Program, ["run", "--policy", policy, "--server", "fs", "--", "node", "-v"], Ct);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains($"{policy}:4:5: error", ended.Errors, StringComparison.Ordinal);
        Assert.Empty(ended.Output);
    }

    [Theory]
    [InlineData(3, "there is no such program", "run --policy POLICY --audit AUDIT --server fs -- no-such-program-anywhere")]
    [InlineData(3, "there is no such file", "run --policy nowhere.yaml --server fs -- node")]
    [InlineData(3, "there is no such file", "run --config nowhere.yaml")]
    [InlineData(2, "a policy is needed", "run --server fs -- node")]
    [InlineData(2, "a server is needed", "run --policy POLICY")]
    [InlineData(2, "may hold only a-z", "run --policy POLICY --server F! -- node")]
    [InlineData(2, "`--bogus` is not an option of run", "run --policy POLICY --bogus")]
    public async Task A_wrong_start_is_one_clear_message_and_the_right_exit_code(int exitCode, string message, string line)
    {
        var policy = folder.Write("policy.yaml", "version: 1\ndefault: deny\nrules: []\n");

        var ended = await RunningProgram.RunAsync(Checkout.Program, line.Replace("POLICY", policy, StringComparison.Ordinal).Replace("AUDIT", folder["a.jsonl"], StringComparison.Ordinal).Split(' '), Ct);

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains(message, ended.Errors, StringComparison.Ordinal);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task A_server_gets_a_short_environment_and_never_the_gateways_secrets()
    {
        var policy = folder.Write("policy.yaml", "version: 1\ndefault: deny\nrules:\n  - {id: env, tool: rec.env, decision: allow}\n");
        await using var gateway = RunningProgram.Start(
            Checkout.Program,
            ["run", "--policy", policy, "--audit", folder["audit.jsonl"], "--server", "rec", "--", Checkout.Node, Checkout.Peer("recording-server.mjs"), folder["record.txt"]],
            new Dictionary<string, string?> { ["MCPSHIELD_KEY"] = "mcps_abcdefghijklmnopqrstuvwxyz", ["DB_PASSWORD"] = "hunter2" });

        await gateway.SendAsync(Initialize + """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"rec__env"}}""" + "\n");
        await gateway.ReadLineAsync(Ct);
        var environment = await gateway.ReadLineAsync(Ct);

        Assert.Contains("PATH", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("MCPSHIELD_KEY", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("DB_PASSWORD", environment, StringComparison.Ordinal);
        // The key names the agent on record, by the part of it that may be shown.
        gateway.CloseInput();
        await gateway.EndAsync(Ct);
        var audit = await File.ReadAllTextAsync(folder["audit.jsonl"], Ct);
        Assert.Contains("\"key\":\"mcps_abcdefg\"", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("mcps_abcdefgh", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_local_gateway_loads_neither_database_nor_web_server()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        var policy = folder.Write("policy.yaml", "version: 1\ndefault: deny\nrules: []\n");
        await using var gateway = RunningProgram.Start(Checkout.Program, ["run", "--policy", policy, "--audit", folder["audit.jsonl"], "--server", "rec", "--", Checkout.Node, Checkout.Peer("recording-server.mjs"), folder["record.txt"]]);
        await gateway.SendAsync(Initialize + """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""" + "\n");
        await gateway.ReadLineAsync(Ct);
        await gateway.ReadLineAsync(Ct);

        // By file name: the folder of the web framework also holds what every program may use, logging for instance.
        var loaded = (await File.ReadAllLinesAsync($"/proc/{gateway.Id}/maps", Ct)).Select(static line => Path.GetFileName(line)).Where(static name => name.EndsWith(".dll", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

        Assert.Contains("McpShield.Gateway.dll", loaded);
        Assert.DoesNotContain(loaded, static name => name.Contains("EntityFrameworkCore", StringComparison.Ordinal) || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""" + "\n";

    private string[] FileServer(out string docs, out string record)
    {
        docs = Directory.CreateDirectory(folder["docs"]).FullName;
        record = folder["record.txt"];
        var policy = folder.Write("policy.yaml", $$"""
            version: 1
            default: deny
            rules:
              - id: read-docs
                tool: fs.read_text_file
                decision: allow
                conditions: {path_prefix: {{docs}}}
            """);

        // The server itself may see the whole folder: what keeps the agent inside is the policy.
        return ["run", "--policy", policy, "--audit", folder["audit.jsonl"], "--server", "fs", "--", Checkout.Node, Checkout.Peer("tee.mjs"), record, Checkout.Node, Checkout.PeerBin("mcp-server-filesystem"), folder.Path];
    }

    private async Task<Ended> InspectAsync(string[] gateway, string argument)
    {
        var config = new JsonObject { ["mcpServers"] = new JsonObject { ["shield"] = new JsonObject { ["command"] = Checkout.Program, ["args"] = new JsonArray([.. gateway.Select(static one => (JsonNode)one)]) } } };
        var file = folder.Write("inspector.json", config.ToJsonString());
        return await RunningProgram.RunAsync(Checkout.Node, [Checkout.PeerBin("mcp-inspector"), "--cli", "--config", file, "--server", "shield", "--method", "tools/call", "--tool-name", "fs__read_text_file", "--tool-arg", argument], Ct);
    }

    private static async Task<HttpPeer> EverythingOverHttpAsync()
    {
        var port = FreePort.Next();
        var program = RunningProgram.Start(Checkout.Node, [Checkout.PeerBin("mcp-server-everything"), "streamableHttp"], new Dictionary<string, string?> { ["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        await Eventually.IsTrueAsync(() => program.HasExited || program.Errors.Contains($"{port}", StringComparison.Ordinal), Ct);
        return new(program, new($"http://localhost:{port}/mcp"));
    }

    private sealed record HttpPeer(RunningProgram Program, Uri Url) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Program.DisposeAsync();
    }
}
