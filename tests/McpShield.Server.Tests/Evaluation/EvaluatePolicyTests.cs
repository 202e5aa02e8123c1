using System.Net;
using System.Text.Json.Nodes;
using McpShield.Data.Audits;
using McpShield.Server.Tests.Events;
using Microsoft.Extensions.DependencyInjection;

namespace McpShield.Server.Tests.Evaluation;

public sealed class EvaluatePolicyTests(ShieldServer server)
{
    private const string Policy =
        """
        version: 1
        default: deny
        rules:
          - id: read-docs
            tool: fs.read_file
            decision: allow
            conditions:
              path_prefix: /data/docs
          - id: ask
            tool: fs.delete_file
            decision: approve
          - id: few
            tool: web.get
            decision: allow
            rate_limit: {limit: 2/1h}
          - id: take-in
            tool: mail.read
            decision: allow
            labels: {add: [private_data]}
            max_result_bytes: 1000
          - id: send
            tool: mail.send
            decision: allow
            conditions:
              session_labels: {none_of: [private_data]}
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // A sample of the language's own cases: over HTTP nothing of them may change.
    public static TheoryData<string, string, string> Cases => new()
    {
        { """{"tool": "fs.read_file", "arguments": {"path": "/data/docs"}}""", "allow", "read-docs" },
        { """{"tool": "fs.read_file", "arguments": {"path": "/data/docs/../secret"}}""", "deny", "" },
        { """{"tool": "fs.read_file", "arguments": {"path": "/data/docs/\uff0e\uff0e/x"}}""", "deny", "" },
        { """{"tool": "fs.read_file", "arguments": {"path": "/data/docsx"}}""", "deny", "" },
        { """{"tool": "fs.read_file"}""", "deny", "" },
        { """{"tool": "fs.delete_file", "arguments": {}}""", "approve", "ask" },
        { """{"tool": "nothing.here", "arguments": {}}""", "deny", "" },
    };

    public static TheoryData<string> Unreadable =>
    [
        """{"tool": "fs.read_file", "arguments": {"path": "/data/docs/a", "path": "/etc/passwd"}}""",
        """{"tool": "fs.read_file", "arguments": {"path": "/data/docs/a", "Path": "/etc/passwd"}}""",
        """{"tool": "fs.read_file", "arguments": ["/data/docs/a"]}""",
        """{"tool": "fs.read_file", "arguments": {"path":"/data/docs/a"}""",
        """{"tool": "fs.read_file", "arguments": {"path":"/data/docs/a","n":NaN}}""",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_call_is_decided_as_the_language_says(string body, string decision, string rule)
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct, Policy);

        var answer = await agent.EvaluateAsync(body, Ct);

        Assert.Equal((decision, rule), ((string?)answer["decision"], (string?)answer["rule"] ?? ""));
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_strictly_is_denied_and_on_record(string body)
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct, Policy);

        var answer = await agent.EvaluateAsync(body, Ct);

        Assert.Equal(("deny", "invalid_request"), ((string?)answer["decision"], (string?)answer["reason"]));
        Assert.NotNull(await FindAsync(ada, answer));
    }

    [Fact]
    public async Task A_decision_is_on_record_with_its_rule_its_arguments_and_without_their_secrets_before_it_is_answered()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct, Policy);

        var answer = await agent.EvaluateAsync("""{"tool": "fs.read_file", "arguments": {"path": "/data/docs/a", "exact": 1.10, "key": "AKIAIOSFODNN7EXAMPLE"}}""", Ct);

        var story = await FindAsync(ada, answer);
        Assert.Equal(("policy/evaluate", "read-docs", "enforced", "tester"), (story!.Entry.Method, story.Entry.Rule, story.Entry.Source, story.Entry.Agent));
        Assert.Contains("1.10", story.Payload, StringComparison.Ordinal);
        Assert.DoesNotContain("AKIAIOSFODNN7EXAMPLE", story.Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_limit_counts_and_says_so()
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct, Policy);

        var reasons = new List<string?>();
        for (var i = 0; i < 3; i++) reasons.Add((string?)(await agent.EvaluateAsync("""{"tool": "web.get"}""", Ct))["reason"]);

        Assert.Equal(["rule", "rule", "rate_limited"], reasons);
    }

    [Fact]
    public async Task A_session_gathers_labels_under_its_name_and_for_its_key_only()
    {
        var ada = await server.SignInAsync("ada", Ct);
        using var agent = await server.AgentAsync(ada, Ct, Policy);
        using var other = await server.AgentAsync(ada, Ct, Policy);

        Assert.Equal("allow", await DecideAsync(agent, """{"tool": "mail.send", "session": "s"}"""));
        var taken = await agent.EvaluateAsync("""{"tool": "mail.read", "session": "s"}""", Ct);
        Assert.Equal(["labels", "max_result_bytes"], taken["obligations"]!.AsArray().Select(static one => (string)one!["type"]!).Order(StringComparer.Ordinal));
        Assert.Equal("deny", await DecideAsync(agent, """{"tool": "mail.send", "session": "s"}"""));
        Assert.Equal("deny", await DecideAsync(agent, """{"tool": "mail.send", "session": "fresh"}"""));
        Assert.Equal("deny", await DecideAsync(agent, """{"tool": "mail.send"}"""));
        Assert.Equal("allow", await DecideAsync(other, """{"tool": "mail.send", "session": "s"}"""));
    }

    [Fact]
    public async Task A_filter_hands_back_what_to_call_with_instead()
    {
        const string Filtering = "version: 1\ndefault: deny\nfilters:\n  mails: {detectors: [email], action: mask}\nrules:\n  - id: mask\n    tool: a.mask\n    decision: allow\n    filters: {arguments: [mails]}\n";
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct, Filtering);

        var answer = await agent.EvaluateAsync("""{"tool": "a.mask", "arguments": {"to": "ada@example.com", "exact": 1.10}}""", Ct);

        Assert.Equal("allow", (string?)answer["decision"]);
        var text = answer["arguments"]!.ToJsonString();
        Assert.DoesNotContain("ada@example.com", text, StringComparison.Ordinal);
        Assert.Contains("1.10", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "tool")]
    [InlineData("""{"tool": 7}""", "tool")]
    [InlineData("""{"tool": "a.b", "colour": 1}""", "colour")]
    [InlineData("""{"tool": "a.b", "session": 1}""", "session")]
    [InlineData("""{"tool": "a.b", "session": ""}""", "session")]
    [InlineData("""[]""", "body")]
    public async Task What_is_no_question_is_refused_by_name(string body, string field)
    {
        using var agent = await server.AgentAsync(await server.SignInAsync("ada", Ct), Ct, Policy);

        using var answer = await agent.Http.PostAsync("/policy/evaluate", Answers.Json(body), Ct);

        Assert.NotNull((await answer.IsProblemAsync(HttpStatusCode.BadRequest, "validation", Ct))["errors"]![field]);
    }

    [Fact]
    public async Task Nobody_asks_without_a_key()
    {
        using var visitor = server.Visitor();

        using var answer = await visitor.PostAsync("/policy/evaluate", Answers.Json("""{"tool": "a.b"}"""), Ct);

        await answer.IsProblemAsync(HttpStatusCode.Unauthorized, "key.invalid", Ct);
    }

    private Task<AuditStory?> FindAsync(Person owner, JsonNode answer) => server.Services.GetRequiredService<AuditReader>().FindAsync(owner.OrganizationId, Guid.Parse((string)answer["decision_id"]!), Ct);

    private static async Task<string?> DecideAsync(AgentProgram agent, string body) => (string?)(await agent.EvaluateAsync(body, Ct))["decision"];
}
