using System.Text;
using McpShield.Policy.Evaluation;
using McpShield.Policy.Json;
using McpShield.Policy.Language;

namespace McpShield.Policy.Tests.Evaluation;

/// <summary>What surrounds a decision: tools that could be allowed, statements that a connection judges, what is told and what is not.</summary>
public sealed class DecisionTests
{
    private static readonly DecisionDetail Refusal = new(DetailCode.StatementDenied, "no writing here");

    [Theory]
    [InlineData("rules:\n  - {tool: a.b, decision: allow}\n", "a.b", true)]
    [InlineData("rules:\n  - {tool: a.b, decision: approve}\n", "a.b", true)]
    [InlineData("rules:\n  - {tool: a.b, decision: allow}\n", "a.c", false)]
    [InlineData("rules:\n  - {tool: a.b, decision: allow, shadow: true}\n", "a.b", false)]
    [InlineData("rules:\n  - {tool: a.b, decision: deny, conditions: {path_prefix: /x}}\n  - {tool: a.b, decision: allow}\n", "a.b", true)]
    [InlineData("rules:\n  - {tool: a.b, decision: deny}\n  - {tool: a.b, decision: allow}\n", "a.b", false)]
    [InlineData("rules:\n  - {tool: a.b, decision: deny, shadow: true}\n  - {tool: a.b, decision: allow}\n", "a.b", true)]
    [InlineData("default: allow\nrules:\n  - {tool: a.b, decision: deny}\n", "a.b", false)]
    [InlineData("default: allow\nrules:\n  - {tool: a.b, decision: deny}\n", "a.c", true)]
    [InlineData("default: allow\nrules: []\n", "a c", false)]
    [InlineData("mode: shadow\nrules: []\n", "a.b", true)]
    [InlineData("mode: shadow\nrules: []\n", "-a.b", false)]
    public void A_tool_is_listed_when_some_call_of_it_could_be_let_through(string policy, string tool, bool could) => Assert.Equal(could, Load(policy).CouldAllow(tool));

    [Fact]
    public void A_name_of_a_tool_has_an_end_and_starts_with_a_letter_digit_or_line()
    {
        var policy = Load("default: allow\nrules: []\n");
        bool IsName(string tool) => policy.CouldAllow(tool);

        Assert.All(new[] { "a", "_a", "9", "a/b-c.d_e", new string('a', 128) }, name => Assert.True(IsName(name), name));
        Assert.All(new[] { "", ".a", "/a", "-a", "a b", "ä", new string('a', 129) }, name => Assert.False(IsName(name), name));
    }

    [Theory]
    [InlineData("a.*", "a.b", true)]
    [InlineData("a.*", "a.", true)]
    [InlineData("a.*", "b.a", false)]
    [InlineData("*", "a", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "aXbYc.d", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?", "a", false)]
    [InlineData("*.read_?", "fs.read_x", true)]
    [InlineData("*.read_?", "fs.read_", false)]
    [InlineData("a**", "a", true)]
    [InlineData("ab", "abc", false)]
    [InlineData("abc", "ab", false)]
    [InlineData("*aab", "aaaab", true)]
    public void A_pattern_covers_the_names_it_describes(string pattern, string tool, bool covers) =>
        Assert.Equal(covers, Load($"rules:\n  - {{tool: \"{pattern}\", decision: allow}}\n").CouldAllow(tool));

    [Fact]
    public void More_names_than_are_remembered_are_decided_alike()
    {
        var policy = Load("rules:\n  - {tool: \"a.*\", decision: allow}\n");
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 5_000; i++) Assert.True(policy.CouldAllow($"a.{i}"));
        }

        Assert.False(policy.CouldAllow("b.1"));
    }

    [Theory]
    [InlineData("rules:\n  - {tool: a.b, decision: allow}\n", Outcome.Deny)]
    [InlineData("rules:\n  - {tool: a.b, decision: approve}\n", Outcome.Deny)]
    [InlineData("default: allow\nrules: []\n", Outcome.Deny)]
    [InlineData("rules:\n  - {tool: a.b, decision: deny}\n", Outcome.Deny)]
    public void What_the_connection_refuses_no_rule_and_no_default_lets_through(string text, Outcome outcome)
    {
        var policy = Load(text);
        var call = new ToolCall("a.b", default, CallContext.Empty, new StatementVerdict(Refusal));
        var decision = Authorizer.Decide(policy, call);

        Assert.Equal(outcome, decision.Outcome);
        Assert.Equal(outcome, Authorizer.Judge(policy, call).Outcome);
        Assert.Equal(Refusal, decision.Details[0]);
        Assert.Equal(decision.Details.Distinct(), decision.Details);
    }

    [Fact]
    public void What_the_connection_accepts_is_a_condition_that_holds()
    {
        var policy = Load("rules:\n  - {tool: a.x, decision: deny}\n  - {id: r, tool: a.b, decision: allow}\n  - {tool: \"a.*\", decision: deny}\n");
        var call = new ToolCall("a.b", default, CallContext.Empty, StatementVerdict.Accepted);
        var explained = Authorizer.Explain(policy, call);

        Assert.Equal((Outcome.Allow, "r"), (explained.Outcome, explained.Rule));
        Assert.Empty(explained.Details);
        var condition = Assert.Single(Assert.Single(explained.Trace.Rules).Conditions);
        Assert.Equal(("statement", Truth.True), (condition.Condition, condition.Value));
        Assert.Empty(Assert.Single(Authorizer.Explain(policy, call with { Tool = "a.x" }).Trace.Rules).Conditions);
        Assert.Empty(Assert.Single(Authorizer.Explain(policy, call with { Statement = null }).Trace.Rules).Conditions);
    }

    [Fact]
    public void A_decision_has_its_trace_unless_the_call_is_simply_allowed()
    {
        var policy = Load("rules:\n  - {id: s, tool: a.s, decision: deny, shadow: true}\n  - {id: e, tool: a.e, decision: deny, shadow: true, conditions: {path_prefix: /x}}\n  - {id: r, tool: \"a.*\", decision: allow}\n");
        Decision Decide(string tool, string arguments = "{}") => Ask(arguments, tree => Authorizer.Decide(policy, new(tool, tree, CallContext.Empty)));

        Assert.Empty(Decide("a.b").Trace.Rules);
        Assert.Equal(["s", "r"], Decide("a.s").Trace.Rules.Select(static rule => rule.Rule));
        Assert.Equal([new("s", Outcome.Deny)], Decide("a.s").Shadows.AsEnumerable());
        Assert.Equal(["e", "r"], Decide("a.e", """{"path": 1}""").Trace.Rules.Select(static rule => rule.Rule));
        Assert.Equal(DetailCode.WrongType, Assert.Single(Decide("a.e", """{"path": 1}""").Details).Code);
        Assert.NotEmpty(Decide("b.b").Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("\"x\"")]
    public void Arguments_that_are_no_object_are_no_request(string arguments)
    {
        var policy = Load("default: allow\nrules: []\n");
        Ask(arguments, tree =>
        {
            var call = new ToolCall("a.b", tree, CallContext.Empty);
            Assert.Equal((Outcome.Deny, Reason.InvalidRequest), (Authorizer.Decide(policy, call).Outcome, Authorizer.Decide(policy, call).Reason));
            Assert.Equal(new(Outcome.Deny, null, Reason.InvalidRequest), Authorizer.Judge(policy, call));
            return Authorizer.Explain(policy, call);
        });
    }

    [Fact]
    public void Arguments_are_measured_also_where_whoever_read_them_allowed_more()
    {
        var policy = Load("default: allow\nrules: []\n");
        Outcome Of(string arguments) => Ask(arguments, tree => Authorizer.Decide(policy, new("a.b", tree, CallContext.Empty))).Outcome;
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"x\":", depth - 1)) + "{}" + new string('}', depth - 1);
        string Long(int bytes) => $$"""{"x":"{{new string('a', bytes - 8)}}"}""";

        Assert.Equal(Outcome.Allow, Of(Nested(JsonLimits.Arguments.MaxDepth)));
        Assert.Equal(Outcome.Deny, Of(Nested(JsonLimits.Arguments.MaxDepth + 1)));
        Assert.Equal(Outcome.Allow, Of(Long(JsonLimits.Arguments.MaxBytes)));
        Assert.Equal(Outcome.Deny, Of(Long(JsonLimits.Arguments.MaxBytes + 1)));
    }

    [Theory]
    [InlineData("{session_labels: {none_of: [x]}}", true)]
    [InlineData("{calls_in_session: {tool: a.b, max: 1}}", true)]
    [InlineData("{any: [{path_prefix: /x}, {session_labels: {none_of: [x]}}]}", true)]
    [InlineData("{not: {session_labels: {none_of: [x]}}}", true)]
    [InlineData("{all: [{path_prefix: /x}]}", false)]
    [InlineData("{path_prefix: /x}", false)]
    public void A_policy_knows_whether_it_reads_the_session(string conditions, bool reads) =>
        Assert.Equal(reads, Load($"rules:\n  - {{tool: x.y, decision: allow}}\n  - {{tool: a.b, decision: allow, conditions: {conditions}}}\n").ReadsSession);

    private static Decision Ask(string arguments, Func<JsonView, Decision> ask)
    {
        Assert.True(JsonTree.TryRead(Encoding.UTF8.GetBytes(arguments), new JsonLimits(8 * 1024 * 1024, 128, 200_000), out var tree, out var fault), fault.Message);
        using (tree) return ask(tree!.Root);
    }

    private static CompiledPolicy Load(string text)
    {
        var loaded = PolicyLoader.Load("version: 1\n" + text);
        Assert.True(loaded.Policy is not null, string.Join('\n', loaded.Diagnostics));
        return loaded.Policy;
    }
}
