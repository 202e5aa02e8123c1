using System.Globalization;
using McpShield.Audit;
using McpShield.Gateway.Upstream;
using McpShield.Testing;

namespace McpShield.Gateway.Tests;

/// <summary>What happens to one call: decided, recorded, forwarded, and nothing in another order.</summary>
public sealed class PipelineTests
{
    private const string OnlyInside = "version: 1\ndefault: deny\nrules:\n  - id: inside\n    tool: rec.echo\n    decision: allow\n    conditions: {path_prefix: /data}\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_allowed_call_reaches_the_server_under_its_own_name_and_two_records_tell_of_it()
    {
        await using var gateway = await GatewayHost.StartAsync(OnlyInside);

        var answer = await gateway.CallAsync("rec__echo", """{"path":"/data/a.txt"}""");

        Assert.Equal("""{"path":"/data/a.txt"}""", answer.Json["result"]!["structuredContent"]!.ToJsonString());
        Assert.Contains("""{"name":"echo","arguments":{"path":"/data/a.txt"}}""", gateway.Seen, StringComparison.Ordinal);
        var entry = Assert.Single(await gateway.EndedAuditsAsync());
        Assert.Equal(("allow", "rec.echo", "inside", "rule", "succeeded", "tester"), (entry.Decision, entry.Tool, entry.Rule, entry.Reason, entry.Status, entry.Agent));
    }

    [Fact]
    public async Task A_denied_call_is_a_result_with_the_reason_and_the_server_never_sees_it()
    {
        await using var gateway = await GatewayHost.StartAsync(OnlyInside);

        var answer = await gateway.CallAsync("rec__echo", """{"path":"/data/../etc/passwd-of-nobody"}""");

        Assert.Equal(200, answer.Status);
        Assert.True(answer.IsToolError);
        Assert.Contains("outside", answer.Text!, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", answer.Text!, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", gateway.Seen, StringComparison.Ordinal);
        var entry = Assert.Single(gateway.Audits);
        Assert.Equal(("deny", "default", null), (entry.Decision, entry.Reason, entry.Status));
        Assert.Equal(["outside_prefix"], entry.Codes);
    }

    [Fact]
    public async Task A_tool_that_may_never_be_used_answers_exactly_like_one_that_does_not_exist()
    {
        await using var gateway = await GatewayHost.StartAsync(OnlyInside);

        var forbidden = await gateway.CallAsync("rec__fail");
        var missing = await gateway.CallAsync("rec__nothing");
        var listed = await gateway.ModernAsync("tools/list");

        Assert.Equal(missing.Body, forbidden.Body);
        Assert.Equal((-32602, "Unknown tool"), (missing.ErrorCode, (string?)missing.Json["error"]!["message"]));
        Assert.Equal(["rec__echo"], listed.Json["result"]!["tools"]!.AsArray().Select(static tool => (string?)tool!["name"]));
        Assert.Equal(["unknown_tool", "default"], gateway.Audits.Select(static one => one.Reason)); // the record knows which was which
    }

    [Fact]
    public async Task Without_a_record_nothing_happens()
    {
        var store = new FailingStore();
        await using var gateway = await GatewayHost.StartAsync(store: inner => store.Around(inner));
        await gateway.ModernAsync("tools/list");
        store.Fails = true;

        var refused = await gateway.CallAsync("rec__echo", """{"marker":"first"}""");
        store.Fails = false;
        var allowed = await gateway.CallAsync("rec__echo", """{"marker":"second"}""");

        Assert.True(refused.IsToolError);
        Assert.Contains("audit_unavailable", refused.Text!, StringComparison.Ordinal);
        Assert.False(allowed.IsToolError);
        Assert.DoesNotContain("first", gateway.Seen, StringComparison.Ordinal);
        Assert.Contains("second", gateway.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_gets_the_call_only_after_its_decision_is_durable()
    {
        var store = new FailingStore();
        await using var gateway = await GatewayHost.StartAsync(store: inner => store.Around(inner));
        await gateway.ModernAsync("tools/list");
        var held = store.Hold();

        var calling = gateway.CallAsync("rec__echo", """{"marker":"held"}""");
        await store.Reached.WaitAsync(Ct);
        Assert.DoesNotContain("held", gateway.Seen, StringComparison.Ordinal);
        held.SetResult();

        Assert.False((await calling).IsToolError);
        Assert.Contains("held", gateway.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_and_texts_pass_in_their_own_digits()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.CallAsync("rec__numbers");
        await gateway.CallAsync("rec__echo", """{"n":12345678901234567890.10,"e":1E400,"t":"\u00e9\u2028"}""");

        Assert.Contains("""{"big":12345678901234567890,"exact":0.10,"exp":1E400}""", answer.Body, StringComparison.Ordinal);
        Assert.Contains("""{"n":12345678901234567890.10,"e":1E400,"t":"\u00e9\u2028"}""", gateway.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_of_the_agent_stays_with_the_gateway()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var body = GatewayHost.ModernBody("tools/call", "\"name\":\"rec__echo\"").Replace("\"_meta\":{", "\"_meta\":{\"vendor/secret\":\"agent-only\",", StringComparison.Ordinal);

        await gateway.SendAsync(HttpMethod.Post, body, headers: GatewayHost.ModernHeaders("tools/call", "rec__echo"));

        Assert.DoesNotContain("agent-only", gateway.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rec__fail", "tool_error")]
    [InlineData("rec__error", "protocol_error")]
    [InlineData("rec__duplicate", "refused")]
    [InlineData("rec__huge", "refused")]
    [InlineData("rec__crash", "unreachable")]
    public async Task However_a_call_ends_its_record_says_so_and_the_next_call_works(string tool, string status)
    {
        await using var gateway = await GatewayHost.StartAsync();

        await gateway.CallAsync(tool);
        var next = await gateway.CallAsync("rec__echo", """{"still":"here"}""");

        Assert.Equal(status, (await gateway.EndedAuditsAsync())[1].Status);
        Assert.False(next.IsToolError, next.Body);
    }

    [Fact]
    public async Task An_error_of_the_server_passes_as_it_came()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.CallAsync("rec__error");

        Assert.Equal("""{"code":-32050,"message":"the server says no","data":{"why":"test"}}""", answer.Json["error"]!.ToJsonString());
    }

    [Fact]
    public async Task A_call_that_takes_too_long_ends_at_the_limit_and_is_cancelled_at_the_server()
    {
        await using var gateway = await GatewayHost.StartAsync(limits: UpstreamLimits.Default with { CallTimeout = TimeSpan.FromMilliseconds(50) });

        var answer = await gateway.CallAsync("rec__slow");

        Assert.True(answer.IsToolError);
        Assert.Equal("timed_out", (await gateway.EndedAuditsAsync())[0].Status);
        await Eventually.IsTrueAsync(() => gateway.Seen.Contains("notifications/cancelled", StringComparison.Ordinal), Ct);
    }

    [Fact]
    public async Task A_server_that_asks_the_agent_for_something_is_refused()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answer = await gateway.CallAsync("rec__ask");

        Assert.Contains("-32601", answer.Text!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_rewritten_later_is_neither_listed_nor_called()
    {
        await using var gateway = await GatewayHost.StartAsync();
        await gateway.CallAsync("rec__echo");
        await gateway.CallAsync("rec__change");

        var called = await gateway.CallAsync("rec__echo", """{"after":"change"}""");
        var listed = await gateway.ModernAsync("tools/list");

        Assert.Contains("tool_changed", called.Text!, StringComparison.Ordinal);
        Assert.DoesNotContain("rec__echo", listed.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("after", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal("tool_changed", gateway.Audits[0].Reason);
    }

    [Fact]
    public async Task Names_that_agents_cannot_hold_are_folded_and_policies_see_the_original()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\ndefault: deny\nrules:\n  - {id: odd, tool: rec.odd/name.x, decision: allow}\n");

        var answer = await gateway.CallAsync("rec__odd_name_x");

        Assert.False(answer.IsToolError);
        Assert.Contains("\"name\":\"odd/name.x\"", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal("rec.odd/name.x", gateway.Audits[0].Tool);
    }

    [Fact]
    public async Task Task_support_is_not_announced_because_it_is_not_offered()
    {
        await using var gateway = await GatewayHost.StartAsync();

        Assert.DoesNotContain("taskSupport", (await gateway.ModernAsync("tools/list")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_policy_holds_from_the_next_call_on()
    {
        await using var gateway = await GatewayHost.StartAsync();
        Assert.False((await gateway.CallAsync("rec__echo")).IsToolError);

        gateway.Project.UsePolicy(GatewayHost.Load("version: 1\ndefault: deny\nrules:\n  - {id: no, tool: \"rec.*\", decision: deny, reason: not today, conditions: {not: {path_prefix: /x}}}\n  - {id: never, tool: rec.echo, decision: allow}\n"));

        Assert.Contains("not today", (await gateway.CallAsync("rec__echo", """{"path":"/y"}""")).Text!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_asks_a_person_answers_that_approval_is_required()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\ndefault: deny\nrules:\n  - {id: ask, tool: rec.echo, decision: approve}\n");

        var answer = await gateway.CallAsync("rec__echo", """{"marker":"waits"}""");

        Assert.True(answer.IsToolError);
        Assert.Equal(("approve", "approval_required"), (gateway.Audits[0].Decision, gateway.Audits[0].Reason));
        Assert.DoesNotContain("waits", gateway.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_limit_that_is_used_up_denies_with_the_time_to_wait_and_no_other_rule_gets_its_turn()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\ndefault: deny\nrules:\n  - {id: few, tool: rec.echo, decision: allow, rate_limit: {limit: 2/1h}}\n  - {id: all, tool: \"rec.*\", decision: allow}\n");

        var first = await gateway.CallAsync("rec__echo");
        var second = await gateway.CallAsync("rec__echo");
        var third = await gateway.CallAsync("rec__echo", """{"marker":"third"}""");
        var other = await gateway.SendAsync(HttpMethod.Post, GatewayHost.ModernBody("tools/call", "\"name\":\"rec__echo\""), key: "key-b", headers: GatewayHost.ModernHeaders("tools/call", "rec__echo"));

        Assert.Equal((false, false, true, false), (first.IsToolError, second.IsToolError, third.IsToolError, other.IsToolError));
        Assert.Matches("rule few is used up; try again in [0-9]+ seconds", third.Text!);
        Assert.DoesNotContain("third", gateway.Seen, StringComparison.Ordinal);
        Assert.Contains(gateway.Audits, static one => one is { Decision: "deny", Rule: "few", Reason: "rate_limited" });
    }

    [Fact]
    public async Task However_many_ask_at_once_a_rate_limit_lets_through_its_burst_and_no_more()
    {
        await using var gateway = await GatewayHost.StartAsync("version: 1\ndefault: deny\nrules:\n  - {id: few, tool: rec.echo, decision: allow, rate_limit: {limit: 10/1d}}\n");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gateway.CallAsync("rec__echo")));

        Assert.Equal(10, answers.Count(static answer => !answer.IsToolError));
    }

    [Fact]
    public async Task A_server_over_http_is_reached_with_its_session_and_its_events()
    {
        using var folder = new TemporaryFolder();
        await using var server = RunningProgram.Start(Checkout.Node, [Checkout.Peer("recording-server.mjs"), folder["record.txt"], "--http"]);
        var port = int.Parse(await server.ReadLineAsync(Ct), CultureInfo.InvariantCulture);
        await using var gateway = await GatewayHost.StartAsync(upstream: _ => new HttpServerSpec("rec", new($"http://127.0.0.1:{port}/mcp"), new Dictionary<string, string> { ["X-Test"] = "1" }));

        var echoed = await gateway.CallAsync("rec__echo", """{"over":"http"}""");
        var body = GatewayHost.ModernBody("tools/call", "\"name\":\"rec__progress\"").Replace("\"_meta\":{", "\"_meta\":{\"progressToken\":5,", StringComparison.Ordinal);
        var streamed = await gateway.SendAsync(HttpMethod.Post, body, headers: GatewayHost.ModernHeaders("tools/call", "rec__progress"));
        var failed = await gateway.CallAsync("rec__fail");

        Assert.Equal("""{"over":"http"}""", echoed.Json["result"]!["structuredContent"]!.ToJsonString());
        Assert.Contains("\"progressToken\":5", streamed.Body, StringComparison.Ordinal);
        Assert.Contains("done", streamed.Body, StringComparison.Ordinal);
        Assert.Equal("the tool failed", failed.Text);
    }

    [Fact]
    public async Task A_server_that_is_not_there_hides_its_tools_and_harms_nothing()
    {
        await using var gateway = await GatewayHost.StartAsync(upstream: static _ => new HttpServerSpec("rec", new($"http://127.0.0.1:{FreePort.Next()}/mcp"), new Dictionary<string, string>()));

        var listed = await gateway.ModernAsync("tools/list");
        var called = await gateway.CallAsync("rec__echo");

        Assert.Empty(listed.Json["result"]!["tools"]!.AsArray());
        Assert.Equal(-32602, called.ErrorCode);
    }

    [Fact]
    public async Task Many_calls_at_once_each_get_their_own_answer()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => gateway.CallAsync("rec__echo", $$"""{"n":{{number}}}""")));

        Assert.Equal(Enumerable.Range(0, 100), answers.Select(static answer => (int)answer.Json["result"]!["structuredContent"]!["n"]!));
        Assert.Equal(100, (await gateway.EndedAuditsAsync()).Count(static one => one is { Decision: "allow", Status: "succeeded" }));
    }

    /// <summary>A store that a test can make fail, or hold just before a batch is durable.</summary>
    private sealed class FailingStore : IAuditStore
    {
        private IAuditStore? inner;
        private TaskCompletionSource? gate;
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Fails { get; set; }

        public Task Reached => reached.Task;

        public FailingStore Around(IAuditStore store)
        {
            inner = store;
            return this;
        }

        public TaskCompletionSource Hold() => gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask AppendAsync(IReadOnlyList<StoredRecord> batch, CancellationToken ct)
        {
            if (Fails) throw new IOException("no space left on device");
            if (gate is not null)
            {
                reached.TrySetResult();
                await gate.Task;
            }

            await inner!.AppendAsync(batch, ct);
        }

        public ValueTask<StreamHead?> ReadHeadAsync(Guid stream, CancellationToken ct) => inner!.ReadHeadAsync(stream, ct);

        public ValueTask<IReadOnlySet<RecordIdentity>> FindAsync(IReadOnlyCollection<RecordIdentity> wanted, CancellationToken ct) => inner!.FindAsync(wanted, ct);

        public ValueTask<StreamHead?> ReadLastAsync(CancellationToken ct) => inner!.ReadLastAsync(ct);

        public ValueTask DisposeAsync() => inner!.DisposeAsync();
    }
}
