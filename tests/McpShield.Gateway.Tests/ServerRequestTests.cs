using System.Text.Json.Nodes;
using McpShield.Gateway.Upstream;
using McpShield.Testing;

namespace McpShield.Gateway.Tests;

/// <summary>What a server asks of an agent: decided, recorded, and asked of nobody but the agent whose call it is.</summary>
public sealed class ServerRequestTests
{
    private const string Allowing = "version: 1\nserver_requests: {elicitation: allow, sampling: allow, roots: allow}\nrules:\n  - {id: all, tool: \"rec.*\", decision: allow}\n";
    private const string Form = """{"message":"Where to?","requestedSchema":{"type":"object","properties":{"city":{"type":"string","maxLength":20}},"required":["city"]}}""";

    public static TheoryData<string, string, string, string> Kinds => new()
    {
        { "elicitation/create", Form, """{"action":"accept","content":{"city":"Bergen"},"_meta":{"x":1}}""", """{"action":"accept","content":{"city":"Bergen"}}""" },
        { "elicitation/create", Form, """{"action":"decline","content":{"city":7}}""", """{"action":"decline"}""" },
        { "elicitation/create", """{"mode":"url","message":"Sign in","url":"https://login.example/start","elicitationId":"e1"}""", """{"action":"accept"}""", """{"action":"accept"}""" },
        { "sampling/createMessage", """{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":5}""", """{"role":"assistant","content":{"type":"text","text":"hello","extra":1},"model":"m"}""", """{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}""" },
        { "roots/list", "{}", """{"roots":[{"uri":"file:///work","name":"w","extra":1}]}""", """{"roots":[{"uri":"file:///work","name":"w"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_allowed_request_is_asked_on_the_stream_of_the_call_and_answered_to_the_server(string method, string parameters, string result, string heard)
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        using var call = await agent.StartAsync(AskedAgent.Ask(method, parameters));
        var question = await call.NextAsync();
        await agent.AnswerAsync(question, $"\"result\":{result}");
        var answer = await call.NextAsync();

        Assert.Equal(method, (string?)question["method"]);
        Assert.Equal(parameters, question["params"]!.ToJsonString());
        Assert.StartsWith("mcpshield-", (string?)question["id"], StringComparison.Ordinal);
        Assert.Equal(5, (int)answer["id"]!);
        Assert.Equal(heard, Heard(answer)["result"]!.ToJsonString());
        var records = await gateway.EndedAuditsAsync();
        var asked = Assert.Single(records, one => one.Method == method);
        Assert.Equal(("allow", "rec.ask", "key-a", "succeeded"), (asked.Decision, asked.Tool, asked.Key, asked.Status));
        Assert.Equal("succeeded", records.Single(static one => one.Method == "tools/call").Status);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_the_policy_does_not_allow_reaches_no_agent_and_is_on_record(string method, string parameters, string result, string heard)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var agent = await AskedAgent.OpenAsync(gateway);

        var answer = await agent.CallAsync(AskedAgent.Ask(method, parameters));

        Assert.Equal(-32601, (int)Heard(answer.Json)["error"]!["code"]!);
        Assert.Equal(("deny", "server_request_denied"), Denied(gateway, method));
        Assert.Contains("\"capabilities\":{}", gateway.Seen, StringComparison.Ordinal);
        _ = (result, heard);
    }

    [Fact]
    public async Task Nobody_is_asked_what_it_did_not_say_that_it_can_be_asked()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var silent = await AskedAgent.OpenAsync(gateway, capabilities: "{}");
        var sampler = await AskedAgent.OpenAsync(gateway, capabilities: """{"sampling":{}}""");

        foreach (var agent in new[] { silent, sampler })
        {
            var answer = await agent.CallAsync(AskedAgent.Ask("elicitation/create", Form));
            Assert.Equal(-32601, (int)Heard(answer.Json)["error"]!["code"]!);
        }

        var modern = await gateway.CallAsync("rec__ask", $$"""{"method":"elicitation/create","params":{{Form}}}""");
        Assert.Equal(-32601, (int)Heard(modern.Json)["error"]!["code"]!);
        Assert.Contains("\"capabilities\":{\"sampling\":{}}", gateway.Seen, StringComparison.Ordinal); // a session's server hears of what that session can
        Assert.Equal(3, gateway.Audits.Count(static one => (one.Method, one.Decision) is ("elicitation/create", "deny")));
    }

    /// <summary>D12: forms that ask for what must never be typed into one, pages that are not what they say, texts that hide something.</summary>
    [Theory]
    [InlineData("""{"message":"Sign in","requestedSchema":{"type":"object","properties":{"password":{"type":"string"}}}}""")]
    [InlineData("""{"message":"Sign in","requestedSchema":{"type":"object","properties":{"p4ssW0rd":{"type":"string"}}}}""")]
    [InlineData("""{"message":"Sign in","requestedSchema":{"type":"object","properties":{"githubApiKey":{"type":"string"}}}}""")]
    [InlineData("""{"message":"Sign in","requestedSchema":{"type":"object","properties":{"user_pin":{"type":"integer"}}}}""")]
    [InlineData("""{"message":"Pay","requestedSchema":{"type":"object","properties":{"x":{"type":"string","title":"Card number"}}}}""")]
    [InlineData("""{"message":"Sign in","requestedSchema":{"type":"object","properties":{"x":{"type":"string","description":"the pass phrase of your key"}}}}""")]
    [InlineData("""{"message":"Enter your password","requestedSchema":{"type":"object","properties":{"x":{"type":"string"}}}}""")]
    [InlineData("""{"message":"a","requestedSchema":{"type":"object","properties":{"pаss":{"type":"string"}}}}""")]
    [InlineData("""{"message":"a","requestedSchema":{"type":"object","properties":{"x":{"type":"string","format":"password"}}}}""")]
    [InlineData("""{"message":"a","requestedSchema":{"type":"object","properties":{"x":{"type":"object","properties":{}}}}}""")]
    [InlineData("""{"message":"a\u001b[2J","requestedSchema":{"type":"object","properties":{"x":{"type":"string"}}}}""")]
    [InlineData("""{"message":"a\u202eb","requestedSchema":{"type":"object","properties":{"x":{"type":"string"}}}}""")]
    [InlineData("""{"message":"a","other":1,"requestedSchema":{"type":"object","properties":{"x":{"type":"string"}}}}""")]
    [InlineData("""{"mode":"url","message":"a","elicitationId":"e","url":"http://login.example/"}""")]
    [InlineData("""{"mode":"url","message":"a","elicitationId":"e","url":"https://bank.example@evil.example/"}""")]
    [InlineData("""{"mode":"url","message":"a","elicitationId":"e","url":"https://192.0.2.1/"}""")]
    [InlineData("""{"mode":"url","message":"a","elicitationId":"e","url":"javascript:alert(1)"}""")]
    public async Task D12_a_dangerous_question_is_refused_though_elicitation_is_allowed(string parameters)
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        var answer = await agent.CallAsync(AskedAgent.Ask("elicitation/create", parameters));

        Assert.Equal(-32602, (int)Heard(answer.Json)["error"]!["code"]!);
        Assert.Equal(("deny", "server_request_denied"), Denied(gateway, "elicitation/create"));
    }

    [Fact]
    public async Task D12_a_question_longer_than_the_limit_is_refused_and_not_kept()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        var answer = await agent.CallAsync(AskedAgent.Ask("sampling/createMessage", $$"""{"messages":[],"maxTokens":1,"systemPrompt":"{{new string('q', 300 * 1024)}}"}"""));

        Assert.Equal(-32602, (int)Heard(answer.Json)["error"]!["code"]!);
        Assert.Equal(("deny", "server_request_denied"), Denied(gateway, "sampling/createMessage"));
    }

    [Fact]
    public async Task A_second_agent_never_sees_what_the_first_is_asked_and_cannot_answer_it()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var (ada, bob) = (await AskedAgent.OpenAsync(gateway), await AskedAgent.OpenAsync(gateway, "key-b"));

        using var first = await ada.StartAsync(AskedAgent.Ask("elicitation/create", Form.Replace("Where to?", "for ada", StringComparison.Ordinal)));
        var asked = await first.NextAsync();
        using var second = await bob.StartAsync(AskedAgent.Ask("elicitation/create", Form.Replace("Where to?", "for bob", StringComparison.Ordinal)));
        var other = await second.NextAsync();
        await bob.AnswerAsync(asked, """ "result":{"action":"accept","content":{"city":"Hijack"}}""");
        await bob.AnswerAsync(other, """ "result":{"action":"accept","content":{"city":"Oslo"}}""");
        var bobs = await second.NextAsync();
        await ada.AnswerAsync(asked, """ "result":{"action":"accept","content":{"city":"Bergen"}}""");
        var adas = await first.NextAsync();

        Assert.Equal(("for ada", "for bob"), ((string?)asked["params"]!["message"], (string?)other["params"]!["message"]));
        Assert.Equal("Oslo", (string?)Heard(bobs)["result"]!["content"]!["city"]);
        Assert.Equal("Bergen", (string?)Heard(adas)["result"]!["content"]!["city"]);
        Assert.DoesNotContain("Hijack", gateway.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools/call")]
    [InlineData("elicitation/Create")]
    [InlineData("tasks/list")]
    public async Task A_request_of_an_unknown_kind_does_not_exist_and_is_on_record(string method)
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        var answer = await agent.CallAsync(AskedAgent.Ask(method, "{}"));

        Assert.Equal(-32601, (int)Heard(answer.Json)["error"]!["code"]!);
        Assert.Contains(gateway.Audits, one => one.Method == method && one.Reason == "server_request_denied");
    }

    [Fact]
    public async Task A_request_of_the_wrong_form_is_refused_and_on_record_without_a_method()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        var answer = await agent.CallAsync(AskedAgent.Ask("roots/list", "[]"));

        Assert.Equal(-32601, (int)Heard(answer.Json)["error"]!["code"]!);
        Assert.Contains(gateway.Audits, static one => one is { Method: null, Decision: "deny", Reason: "server_request_denied", Tool: "rec.ask" });
    }

    [Fact]
    public async Task A_request_after_the_call_has_ended_is_refused()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        var answer = await agent.CallAsync(AskedAgent.Ask("elicitation/create", Form, tool: "ask-late"));

        Assert.Equal("done", answer.Text);
        await Eventually.IsTrueAsync(() => gateway.Seen.Contains("\"id\":\"late\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains("-32601", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal(("deny", "server_request_denied"), Denied(gateway, "elicitation/create"));
    }

    [Fact]
    public async Task An_agent_that_hangs_up_takes_the_question_and_the_call_with_it()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        using (var call = await agent.StartAsync(AskedAgent.Ask("elicitation/create", Form))) await call.NextAsync();

        await Eventually.IsTrueAsync(() => gateway.Seen.Contains("notifications/cancelled", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var records = await gateway.EndedAuditsAsync();
        Assert.Equal(["cancelled", "cancelled"], records.Select(static one => one.Status));
    }

    [Theory]
    [InlineData("\"result\":{\"action\":\"accept\",\"content\":{\"city\":7}}", -32603, "refused")]
    [InlineData("\"result\":{\"action\":\"accept\",\"content\":{\"city\":\"far too long for the form it is\"}}", -32603, "refused")]
    [InlineData("\"result\":{\"action\":\"accept\",\"content\":{\"city\":\"x\",\"more\":1}}", -32603, "refused")]
    [InlineData("\"result\":{\"action\":\"perhaps\"}", -32603, "refused")]
    [InlineData("\"result\":{\"action\":\"accept\"}", -32603, "refused")]
    [InlineData("\"error\":{\"code\":-1,\"message\":\"my private reason\"}", -1, "protocol_error")]
    public async Task An_answer_that_is_none_to_the_question_does_not_reach_the_server(string result, int code, string status)
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);

        using var call = await agent.StartAsync(AskedAgent.Ask("elicitation/create", Form));
        await agent.AnswerAsync(await call.NextAsync(), result);
        var heard = Heard(await call.NextAsync());

        Assert.Equal(code, (int)heard["error"]!["code"]!);
        Assert.DoesNotContain("private", gateway.Seen, StringComparison.Ordinal);
        Assert.Equal(status, (await gateway.EndedAuditsAsync()).Single(static one => one.Method == "elicitation/create").Status);
    }

    [Fact]
    public async Task Who_does_not_answer_in_time_is_told_that_nobody_waits_any_more()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing, limits: UpstreamLimits.Default with { QuestionTimeout = TimeSpan.FromMilliseconds(50) });
        var agent = await AskedAgent.OpenAsync(gateway);

        using var call = await agent.StartAsync(AskedAgent.Ask("elicitation/create", Form));
        var question = await call.NextAsync();
        var taken = await call.NextAsync();
        var answer = await call.NextAsync();

        Assert.Equal(("notifications/cancelled", (string?)question["id"]), ((string?)taken["method"], (string?)taken["params"]!["requestId"]));
        Assert.NotNull(Heard(answer)["error"]);
        Assert.Equal("timed_out", (await gateway.EndedAuditsAsync()).Single(static one => one.Method == "elicitation/create").Status);
    }

    [Fact]
    public async Task A_call_asks_so_often_and_no_more()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing, limits: UpstreamLimits.Default with { MaxQuestions = 2 });
        var agent = await AskedAgent.OpenAsync(gateway);

        using var call = await agent.StartAsync(AskedAgent.Ask("roots/list", "{}", times: 3));
        for (var time = 0; time < 2; time++) await agent.AnswerAsync(await call.NextAsync(), "\"result\":{\"roots\":[]}");
        var heard = JsonNode.Parse((string)(await call.NextAsync())["result"]!["content"]![0]!["text"]!)!.AsArray();

        Assert.Equal([true, true, false], heard.Select(static one => one!["result"] is not null));
    }

    [Fact]
    public async Task A_policy_that_allows_it_no_longer_holds_from_the_next_request_on()
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);
        var agent = await AskedAgent.OpenAsync(gateway);
        using (var call = await agent.StartAsync(AskedAgent.Ask("roots/list", "{}", times: 2)))
        {
            var question = await call.NextAsync();
            gateway.Project.UsePolicy(GatewayHost.Load(GatewayHost.AllowAll));
            await agent.AnswerAsync(question, "\"result\":{\"roots\":[]}");
            var heard = JsonNode.Parse((string)(await call.NextAsync())["result"]!["content"]![0]!["text"]!)!;
            Assert.Equal(-32601, (int)heard[1]!["error"]!["code"]!);
        }

        var later = await agent.CallAsync(AskedAgent.Ask("roots/list", "{}"));
        Assert.Equal(-32601, (int)Heard(later.Json)["error"]!["code"]!);
    }

    [Fact]
    public async Task What_the_rule_filters_is_filtered_in_questions_and_in_what_is_answered()
    {
        const string Card = "4111 1111 1111 1111"; // the number that card issuers publish for tests
        await using var gateway = await GatewayHost.StartAsync("version: 1\nserver_requests: {elicitation: allow}\nrules:\n  - {id: all, tool: \"rec.*\", decision: allow, filters: {arguments: pii, results: pii}, labels: {add: [seen]}}\n");
        var agent = await AskedAgent.OpenAsync(gateway);

        using var call = await agent.StartAsync(AskedAgent.Ask("elicitation/create", Form.Replace("Where to?", $"Is it {Card}?", StringComparison.Ordinal)));
        var question = await call.NextAsync();
        await agent.AnswerAsync(question, $"\"result\":{{\"action\":\"accept\",\"content\":{{\"city\":\"{Card}\"}}}}");
        await call.NextAsync();

        Assert.DoesNotContain("4111 1111", question.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain($"\"city\":\"{Card}\"", gateway.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input-required")]
    [InlineData("url-required")]
    public async Task A_question_in_place_of_an_answer_is_refused(string tool)
    {
        await using var gateway = await GatewayHost.StartAsync(Allowing);

        var modern = await gateway.CallAsync($"rec__{tool}");
        var legacy = await (await AskedAgent.OpenAsync(gateway)).CallAsync(AskedAgent.Ask("", "{}", tool: tool));

        foreach (var answer in new[] { modern, legacy })
        {
            Assert.True(answer.IsToolError, answer.Body);
            Assert.Contains("server_request_denied", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("evil.example", answer.Body, StringComparison.Ordinal);
        }

        Assert.Equal("refused", (await gateway.EndedAuditsAsync())[0].Status);
    }

    [Fact]
    public async Task A_server_behind_http_asks_on_the_stream_of_its_call()
    {
        using var folder = new TemporaryFolder();
        await using var server = RunningProgram.Start(Checkout.Node, [Checkout.Peer("recording-server.mjs"), folder["http.txt"], "--http"]);
        var port = await server.ReadLineAsync(TestContext.Current.CancellationToken);
        await using var gateway = await GatewayHost.StartAsync(Allowing, upstream: _ => new HttpServerSpec("rec", new($"http://127.0.0.1:{port}/mcp"), new Dictionary<string, string>()));
        var agent = await AskedAgent.OpenAsync(gateway);

        using var call = await agent.StartAsync(AskedAgent.Ask("elicitation/create", Form));
        await agent.AnswerAsync(await call.NextAsync(), """ "result":{"action":"accept","content":{"city":"Bergen"}}""");

        Assert.Equal("Bergen", (string?)Heard(await call.NextAsync())["result"]!["content"]!["city"]);
    }

    private static JsonNode Heard(JsonNode answer) => JsonNode.Parse((string)answer["result"]!["content"]![0]!["text"]!)!;

    private static (string? Decision, string? Reason) Denied(GatewayHost gateway, string method)
    {
        var record = Assert.Single(gateway.Audits, one => one.Method == method);
        return (record.Decision, record.Reason);
    }
}
